using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>Says what a container gets with units of NPUs.</summary>
/// <param name="resource">The resource that the units are of.</param>
/// <param name="root">Where the device nodes are looked for.</param>
/// <param name="policy">Which units are given together, as it is now.</param>
/// <param name="cdi">Tells how a container asks for units by name.</param>
internal sealed class UnitAllocator(string resource, HostRoot root, Func<AllocationPolicy> policy, NpuCdiPublisher cdi) : IDeviceAllocator
{
    public ValueTask<ContainerAllocation> AllocateAsync(IReadOnlyList<PluginDevice> devices, CancellationToken cancellationToken)
    {
        ListedUnit[] units = [.. ListedUnit.InOrder(devices.Cast<ListedUnit>())];
        ThrowIfOverlapping(units);
        foreach (var unit in units)
            ThrowIfNodeIsMissing(unit);

        var files = units.SelectMany(listed => listed.Unit.PeFiles).ToArray();
        var devNames = Join(files, file => file.DevName);
        var annotations = new Dictionary<string, string> { ["alpha.furiosa.ai/npu.devname"] = devNames };
        var request = cdi.RequestFor([.. units.Select(listed => listed.Unit)]);
        if (request.Annotation is { } annotation)
            annotations.Add(annotation.Key, annotation.Value);

        return ValueTask.FromResult(new ContainerAllocation
        {
            // What the runtime of the SDK finds its devices by: the lists run in step, an entry for each file that is opened to compute.
            Environment = new Dictionary<string, string>
            {
                ["NPU_DEVNAME"] = devNames,
                ["NPU_NPUNAME"] = Join(files, file => file.NpuName),
                ["NPU_PENAME"] = Join(files, file => file.PeName),
                ["FURIOSA_DEVICES"] = Join(files, file => file.RuntimeName),
            },
            Annotations = annotations,
            CdiDevices = request.Devices,
            // Beside CDI too: a runtime without it needs them, and one with it puts its own in their place.
            DeviceNodes =
            [
                .. units.SelectMany(listed => listed.Unit.Nodes).Select(node => node.Path).Distinct()
                    .Select(path => new ContainerDeviceNode(path)),
            ],
        });
    }

    public IReadOnlyList<string> Prefer(PreferenceRequest request) => PreferredAllocation.Choose(
        ListedUnit.InOrder(request.Devices.Values.Where(device => device.IsHealthy).Cast<ListedUnit>()).Select(listed => listed.Unit.Position),
        policy(), request);

    /// <summary>The units of one list never share cores; this is for the day that they do, since a core can be given once.</summary>
    private static void ThrowIfOverlapping(ListedUnit[] units)
    {
        // Of one card in order of their cores, so the wide before the narrow, and a whole card before all.
        for (var index = 1; index < units.Length; index++)
        {
            var (one, other) = (units[index - 1].Unit.Id, units[index].Unit.Id);
            if (one.DeviceId != other.DeviceId || !Overlap(one.Cores, other.Cores))
                continue;

            var message = $"Devices '{one}' and '{other}' share cores, which can be given once. "
                + "Create the Pod anew, so that the kubelet chooses from the present devices.";
            throw new AllocationException(message) { IsRequestWrong = true };
        }
    }

    private static bool Overlap(CoreRange? one, CoreRange? other) =>
        one is not { } left || other is not { } right || (left.Start <= right.End && right.Start <= left.End);

    private void ThrowIfNodeIsMissing(ListedUnit listed)
    {
        if (listed.Unit.PeFiles.Count == 0)
            throw new AllocationException($"Device '{listed.Id}' ({listed.Name}) of '{resource}' has no device node to be used by. "
                + "Create the Pod anew to get another, and see whether the card's driver is loaded.");

        if (listed.Unit.Nodes.FirstOrDefault(node => !File.Exists(root.Resolve(node.Path))) is { } missing)
            throw new AllocationException($"Device '{listed.Id}' ({listed.Name}) of '{resource}' has lost its device node "
                + $"'{missing.Path}'. Create the Pod anew to get another, and see whether the card's driver is loaded.");
    }

    private static string Join(PeFile[] files, Func<PeFile, string> part) => string.Join(',', files.Select(part));
}
