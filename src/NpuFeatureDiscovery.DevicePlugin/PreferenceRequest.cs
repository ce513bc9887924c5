namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>What a kubelet asks when it would like to know which devices are best given together to a container.</summary>
/// <param name="devices">The devices of the resource as they are now, by id.</param>
/// <param name="available">The ids to choose from, in no order. Some may be of devices that are no longer there.</param>
/// <param name="mustInclude">Those of them that are chosen already.</param>
/// <param name="size">How many to choose in all.</param>
public sealed class PreferenceRequest(
    IReadOnlyDictionary<string, PluginDevice> devices, IReadOnlyList<string> available, IReadOnlyList<string> mustInclude, int size)
{
    /// <summary>The devices of the resource as they are now, by id.</summary>
    public IReadOnlyDictionary<string, PluginDevice> Devices { get; } = devices;

    /// <summary>The ids to choose from, in no order. Some may be of devices that are no longer there.</summary>
    public IReadOnlyList<string> Available { get; } = available;

    /// <summary>Those of them that are chosen already.</summary>
    public IReadOnlyList<string> MustInclude { get; } = mustInclude;

    /// <summary>How many to choose in all.</summary>
    public int Size { get; } = size;
}
