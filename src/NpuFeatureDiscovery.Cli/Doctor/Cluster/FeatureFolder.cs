using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>The folder of feature files as the cluster's NFD reads it.</summary>
internal sealed record FeatureFolder
{
    private NfdFeatureFolder? _folder;

    /// <summary>Our file; null where there is none to be seen.</summary>
    public NfdFeatureFile? Own { get; private init; }

    /// <summary>When our file was last written.</summary>
    public DateTimeOffset? WrittenAt { get; private init; }

    /// <summary>The other files that NFD reads.</summary>
    public IEnumerable<NfdFeatureFile> Others =>
        _folder?.Files.Where(file => file.State == NfdFileState.Read && file.Name != Own?.Name) ?? [];

    public static FeatureFolder Load(DoctorContext context, NfdPresence nfd)
    {
        try
        {
            var folder = NfdFeatureFolder.Load(context.Folders.Features, nfd.Version, context.TimeProvider.GetUtcNow(),
                MasterOf(nfd));
            var own = folder.Files.FirstOrDefault(file => file.Name == context.Folders.FeatureFileName);
            return new FeatureFolder
            {
                _folder = folder,
                Own = own,
                WrittenAt = own is null
                    ? null
                    : new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(context.Folders.Features, own.Name)),
                        TimeSpan.Zero),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The checks of the mounts say so.
            return new FeatureFolder();
        }
    }

    /// <summary>The line that NFD reads for a label, which may be one that it takes nothing of.</summary>
    public NfdLine? LineOf(string key) => Own?.Lines.LastOrDefault(line => line.Key == key);

    /// <summary>The settings of nfd-master as far as they show: a namespace that it let pass it allows.</summary>
    private static NfdMasterOptions MasterOf(NfdPresence nfd) => new() { ExtraLabelNamespaces = nfd.AllowedNamespaces };
}
