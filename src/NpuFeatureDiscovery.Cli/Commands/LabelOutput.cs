namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Where <c>label</c> publishes.</summary>
internal enum LabelOutput
{
    Auto,
    File,
    NodeFeature,
    Node,
    StandardOutput,
}
