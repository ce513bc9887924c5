using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>Makes units of cards.</summary>
internal static class UnitFactory
{
    /// <summary>The units of one card.</summary>
    /// <param name="device">The card.</param>
    /// <param name="deviceId">Its id at the kubelet.</param>
    /// <param name="defaultPe">What a unit is.</param>
    public static IEnumerable<Unit> Create(NpuDevice device, string deviceId, DefaultPe defaultPe) => defaultPe == DefaultPe.Fusion
        ? [CreateCard(device, deviceId)]
        : CreateCores(device, deviceId);

    private static Unit CreateCard(NpuDevice device, string deviceId)
    {
        var fused = Cover(device);
        var hasAllCores = device.DeviceNodes.Any(node => node.Role == DeviceNodeRole.MultiCore);
        return new Unit
        {
            Id = new UnitId(deviceId),
            Device = device,
            Nodes = device.DeviceNodes,
            PeFiles = fused is [] && hasAllCores ? [new PeFile(device.Index, null)] : [.. fused],
        };
    }

    private static IEnumerable<Unit> CreateCores(NpuDevice device, string deviceId)
    {
        foreach (var core in device.Cores)
            yield return CreateCore(device, deviceId, new CoreRange(core, core));
    }

    /// <summary>The file of that core alone, and what all cores share: the management node and the channels.</summary>
    private static Unit CreateCore(NpuDevice device, string deviceId, CoreRange core)
    {
        EquatableArray<DeviceNode> nodes =
        [
            .. device.DeviceNodes.Where(node => node.Role switch
            {
                DeviceNodeRole.Core => node.Cores == core,
                DeviceNodeRole.MultiCore => false,
                _ => true,
            }),
        ];
        return new Unit
        {
            Id = new UnitId(deviceId, core),
            Device = device,
            Nodes = nodes,
            PeFiles = nodes.Any(node => node.Role == DeviceNodeRole.Core) ? [new PeFile(device.Index, core)] : [],
        };
    }

    /// <summary>The fewest files that hold all cores, each once: RNGD fuses four of its eight at most.</summary>
    private static List<PeFile> Cover(NpuDevice device)
    {
        var covering = new List<CoreRange>();
        var widestFirst = device.DeviceNodes.Where(node => node.Role == DeviceNodeRole.Core)
            .Select(node => node.Cores).OfType<CoreRange>()
            .OrderByDescending(cores => cores.Width).ThenBy(cores => cores.Start);
        foreach (var cores in widestFirst)
        {
            if (!covering.Any(other => cores.Start <= other.End && other.Start <= cores.End))
                covering.Add(cores);
        }

        return [.. covering.OrderBy(cores => cores.Start).Select(cores => new PeFile(device.Index, cores))];
    }
}
