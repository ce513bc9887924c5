namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>What kubelets of one time do differently towards a device plugin, named by a release that does so.</summary>
public sealed record KubeletVersion
{
    private KubeletVersion(string name) => Name = name;

    /// <summary>
    /// Up to 1.24. Register is answered before the plugin is dialled, with the options that stand in the request. The newest
    /// registration wins; the stream of the one before goes on, what it sends still counts, and its end does not. At start
    /// everything but folders and the checkpoint is deleted.
    /// </summary>
    public static KubeletVersion V1_20 { get; } = new("1.20")
    {
        AnswersBeforeItDials = true,
        SweepsRegularFiles = true,
        ChecksHealthBeforeReuse = false,
        EndOfStream = EndOfStream.StopsItsOwnRegistration,
    };

    /// <summary>
    /// From 1.25 or 1.26 on. Register dials the plugin, asks it for its options, and only then answers. When a stream ends,
    /// whichever plugin is registered for its resource is disconnected, also a newer one (kubernetes/kubernetes#127803). At
    /// start only sockets are deleted.
    /// </summary>
    public static KubeletVersion V1_26 { get; } = new("1.26")
    {
        AnswersBeforeItDials = false,
        SweepsRegularFiles = false,
        ChecksHealthBeforeReuse = true,
        EndOfStream = EndOfStream.DisconnectsTheResource,
    };

    /// <summary>
    /// From 1.36 or 1.37 on (kubernetes/kubernetes#135437). As <see cref="V1_26"/>, but a resource may have several plugins,
    /// told apart by their sockets: the end of one leaves the others alone. Plugins that were found in the registry folder are asked
    /// again and again, and deregistered where they do not answer.
    /// </summary>
    public static KubeletVersion V1_36 { get; } = new("1.36")
    {
        AnswersBeforeItDials = false,
        SweepsRegularFiles = false,
        ChecksHealthBeforeReuse = true,
        AsksPluginsAgain = true,
        EndOfStream = EndOfStream.DisconnectsTheSocket,
    };

    /// <summary>All of them, oldest first: a source of test cases.</summary>
    public static IReadOnlyList<KubeletVersion> All { get; } = [V1_20, V1_26, V1_36];

    /// <summary>Such as <c>1.20</c>.</summary>
    public string Name { get; }

    internal bool AnswersBeforeItDials { get; init; }

    internal bool SweepsRegularFiles { get; init; }

    internal bool ChecksHealthBeforeReuse { get; init; }

    internal bool AsksPluginsAgain { get; init; }

    internal EndOfStream EndOfStream { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>What the end of a plugin's stream does to the registrations of its resource.</summary>
internal enum EndOfStream
{
    /// <summary>Its own is stopped, unless another has taken its place.</summary>
    StopsItsOwnRegistration,

    /// <summary>The one there is is disconnected, whosever it is.</summary>
    DisconnectsTheResource,

    /// <summary>The one with the same socket is disconnected.</summary>
    DisconnectsTheSocket,
}
