namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>The settings of nfd-master that decide which namespaces a label may have.</summary>
public sealed record NfdMasterOptions
{
    /// <summary>
    /// Namespaces that are allowed besides, <c>extraLabelNs</c> (the option <c>-extra-label-ns</c>): exact names. NFD before 0.13
    /// refuses <c>furiosa.ai</c> and <c>beta.furiosa.ai</c> without it.
    /// </summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> ExtraLabelNamespaces { get; init; } = [];

    /// <summary>
    /// Namespaces that are refused besides, <c>denyLabelNs</c>, unless they stand in <see cref="ExtraLabelNamespaces"/>: exact names,
    /// or <c>*</c> and an ending. NFD before 0.13 has no such setting, and it counts for nothing there.
    /// </summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> DenyLabelNamespaces { get; init; } = [];

    /// <summary>
    /// Whether a key without a namespace gets <c>feature.node.kubernetes.io</c>. It can be switched off from 0.15 on
    /// (<c>autoDefaultNs</c>, later the feature gate <c>DisableAutoPrefix</c>), and counts for nothing before.
    /// </summary>
    /// <value><see langword="true"/>, the default: it does. <see langword="false"/>: such a label is refused.</value>
    public bool AutoPrefix { get; init; } = true;
}
