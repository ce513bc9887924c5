namespace NpuFeatureDiscovery.Labels;

/// <summary>Which labels are made, and how often.</summary>
public sealed class LabelOptions
{
    /// <summary>The shortest and the longest <see cref="Interval"/>.</summary>
    public static readonly (TimeSpan Shortest, TimeSpan Longest) IntervalRange = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));

    /// <summary>The label generations, of <see cref="LabelProfiles"/>.</summary>
    /// <value>At least one. Default: <c>beta</c>.</value>
    public IList<string> Profiles { get; set; } = [LabelProfiles.Beta];

    /// <summary>What a node without an NPU publishes.</summary>
    /// <value>
    /// Default: <see cref="NoDevicePolicy.Count"/>, <c>npu.count=0</c> and the labels of the machine.
    /// <see cref="NoDevicePolicy.Remove"/>: no label, and no feature file.
    /// </value>
    public NoDevicePolicy NoDevice { get; set; }

    /// <summary>Labels of your own, published beside those that are found; on an equal key they win.</summary>
    /// <value>Default: none.</value>
    public IList<Label> StaticLabels { get; set; } = [];

    /// <summary>How often the host is read while <see cref="LabelService"/> runs.</summary>
    /// <value>1 second to 1 day. Default: 60 seconds.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);
}
