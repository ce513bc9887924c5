using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Which Node Feature Discovery labels the Node, by what it leaves in the cluster.</summary>
internal sealed record NfdPresence
{
    /// <summary>From this version on nfd-master reads NodeFeature objects unless it is told not to.</summary>
    private const int FirstMinorToRead = 14;

    private static readonly char[] EndOfImage = [':', '@'];

    /// <summary>Whether there is one; null where nothing of the cluster is known.</summary>
    public bool? IsHere { get; init; }

    /// <summary>As NFD says it; null where it does not.</summary>
    public string? VersionText { get; init; }

    /// <summary>Its version, or the newest that is known where it is not, or is newer.</summary>
    public NfdVersion Version { get; init; } = NfdVersion.Newest;

    public bool IsVersionKnown { get; init; }

    /// <summary>The namespace of nfd-worker, which is NFD's; null where that is not known.</summary>
    public string? Namespace { get; init; }

    /// <summary>The labels that nfd-worker gives nfd-master; null where no NodeFeature object of it is seen.</summary>
    public IReadOnlySet<string>? WorkerKeys { get; init; }

    /// <summary>The namespaces of the labels that NFD gives the Node.</summary>
    public IReadOnlyList<string> AllowedNamespaces { get; init; } = [];

    /// <summary>nfd-worker's Pod on this Node; null where there is none to be seen.</summary>
    public ClusterPod? Worker { get; init; }

    public bool ReadsNodeFeatures => WorkerKeys is not null && (!IsVersionKnown || Version.Minor >= FirstMinorToRead);

    public static NfdPresence Of(ClusterFacts facts)
    {
        var feature = facts.NodeFeatures?.FirstOrDefault(feature => feature.WorkerVersion is not null);
        var worker = facts.Pods?.FirstOrDefault(pod => !pod.IsOver && IsWorker(pod));
        var text = feature?.WorkerVersion ?? facts.Node?.Labelled.NfdVersion ?? TagOf(worker?.Images[0] ?? "");
        var isKnown = NfdVersion.TryParse(text ?? "", out var version, out _);
        return new NfdPresence
        {
            IsHere = facts.Node is null ? null : facts.Node.Labelled.HasNfd || feature is not null || worker is not null,
            VersionText = text,
            Version = version ?? NfdVersion.Newest,
            IsVersionKnown = isKnown,
            Namespace = feature?.Namespace ?? worker?.Namespace,
            WorkerKeys = feature?.Labels.Keys.ToHashSet(StringComparer.Ordinal),
            AllowedNamespaces = [.. AllowedBy(facts.Node).Distinct()],
            Worker = worker,
        };
    }

    /// <summary>For people: <c>NFD v0.18.3</c>.</summary>
    public override string ToString() => VersionText is null ? "NFD" : $"NFD {VersionText}";

    private static IEnumerable<string> AllowedBy(ClusterNode? node)
    {
        foreach (var key in node?.Labelled.Labels.Keys ?? [])
        {
            if (node!.Labelled.IsOfNfd(key))
                yield return key.Split('/')[0];
        }
    }

    private static bool IsWorker(ClusterPod pod) => pod.Name.Contains("worker", StringComparison.Ordinal)
        && pod.Images is [var image, ..] && image.Contains("node-feature-discovery", StringComparison.Ordinal);

    private static string? TagOf(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return name.IndexOfAny(EndOfImage) is > 0 and var end && name[end] == ':' ? name[(end + 1)..].Split('@')[0] : null;
    }
}
