namespace NpuFeatureDiscovery.Cli.Completion;

/// <summary>What an option or argument takes.</summary>
internal enum ValueKind
{
    /// <summary>A switch takes nothing.</summary>
    None,

    /// <summary>Words, or what nobody can guess.</summary>
    Text,

    /// <summary>Words parted by commas.</summary>
    List,

    /// <summary>A file or a socket.</summary>
    File,

    Folder,
}
