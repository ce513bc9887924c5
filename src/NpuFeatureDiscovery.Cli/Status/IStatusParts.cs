using NpuFeatureDiscovery.Cli.Agent;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>The parts of the program that a status tells of, as they come and go.</summary>
internal interface IStatusParts
{
    /// <summary>How each part stands, in the order of their names; none where the program has no parts of their own.</summary>
    IReadOnlyList<PartState> All { get; }

    /// <summary>A service of a part that runs now; null where no part has one.</summary>
    T? Find<T>() where T : class;
}
