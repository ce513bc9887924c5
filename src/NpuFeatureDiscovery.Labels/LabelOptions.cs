namespace NpuFeatureDiscovery.Labels;

/// <summary>Which labels are made.</summary>
public sealed class LabelOptions
{
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
}
