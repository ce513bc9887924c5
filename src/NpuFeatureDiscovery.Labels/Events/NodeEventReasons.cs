namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>The reasons of our Events. Alerts are made on them: never change one.</summary>
internal static class NodeEventReasons
{
    public const string Unhealthy = "NPUUnhealthy";

    public const string Healthy = "NPUHealthy";

    public const string Removed = "NPURemoved";

    /// <summary>A label is not on the Node, or has another's value there.</summary>
    public const string LabelRefused = "LabelRefused";

    /// <summary>A label has another value than was found or configured.</summary>
    public const string LabelChanged = "LabelChanged";
}
