namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>How labels can get onto a Node.</summary>
internal enum LabelWay
{
    /// <summary>A feature file, of which nfd-worker makes labels.</summary>
    File,

    /// <summary>A NodeFeature object, of which nfd-master makes labels.</summary>
    NodeFeature,

    /// <summary>On the Node itself.</summary>
    Node,
}
