using System.Collections.Frozen;
using NpuFeatureDiscovery.DevicePlugin.Units;

namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>What a container gets with its units.</summary>
internal sealed class ContainerAllocation
{
    /// <param name="units">The units, in order of their cards.</param>
    public ContainerAllocation(IReadOnlyList<Unit> units)
    {
        var files = units.SelectMany(unit => unit.PeFiles).ToArray();
        var devNames = Join(files, file => file.DevName);
        Environment = new Dictionary<string, string>
        {
            ["NPU_DEVNAME"] = devNames,
            ["NPU_NPUNAME"] = Join(files, file => file.NpuName),
            ["NPU_PENAME"] = Join(files, file => file.PeName),
            ["FURIOSA_DEVICES"] = Join(files, file => file.RuntimeName),
        }.ToFrozenDictionary();
        Annotations = new Dictionary<string, string> { ["alpha.furiosa.ai/npu.devname"] = devNames }.ToFrozenDictionary();
        DeviceNodes = [.. units.SelectMany(unit => unit.Nodes).Select(node => node.Path).Distinct()];
    }

    /// <summary>
    /// What the runtime of the SDK finds its devices by: the lists run in step, an entry for each file that is opened to compute.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>Paths, the same on the host and in the container.</summary>
    public IReadOnlyList<string> DeviceNodes { get; }

    private static string Join(PeFile[] files, Func<PeFile, string> part) => string.Join(',', files.Select(part));
}
