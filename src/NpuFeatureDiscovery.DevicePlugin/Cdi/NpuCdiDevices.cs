using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>
/// The NPUs of a node as CDI devices: each card, each of its cores, and <c>all</c> of what may be allocated. Cards and cores both are
/// there whatever a unit of the resource is, so that a container can start again after that changed.
/// </summary>
/// <remarks>
/// They are named as the driver names them (<c>npu0</c>, <c>npu0pe1</c>), not by the UUID: the kubelet keeps what a container got,
/// and gives it again after a reboot, paths and environment, which have the driver's names. A UUID could then be another card than
/// the paths beside it, and the container would have two.
/// </remarks>
internal sealed class NpuCdiDevices
{
    public const string Kind = "furiosa.ai/npu";

    private const string All = "all";

    /// <summary>What the kubelet is asked for as well.</summary>
    private const string Permissions = "rw";

    private readonly HashSet<string> _shared;

    /// <param name="cards">The cards as they are now.</param>
    /// <param name="disabled">The names of those that are not to be allocated.</param>
    public NpuCdiDevices(IReadOnlyList<NpuDevice> cards, ICollection<string> disabled)
    {
        _shared = [.. cards.GroupBy(card => card.Name).Where(same => same.Skip(1).Any()).Select(same => same.Key)];
        Unit[] whole = [.. cards.SelectMany(card => UnitFactory.Create(card, card.Name, DefaultPe.Fusion))];
        Unit[] cores = [.. cards.SelectMany(card => UnitFactory.Create(card, card.Name, DefaultPe.Single))];
        var devices = whole.Concat(cores).Where(unit => unit.PeFiles.Count > 0)
            .Select(unit => new CdiDevice(NameOf(unit), [.. unit.Nodes.Select(ToCdi)])).ToList();
        var allocatable = whole.Where(unit => unit.Fault is null && !disabled.Contains(unit.Device.Name));
        CdiDeviceNode[] nodes = [.. allocatable.SelectMany(unit => unit.Nodes).Select(ToCdi)];
        if (nodes.Length > 0)
            devices.Add(new CdiDevice(All, nodes));
        if (devices.Count > 0)
            Spec = new CdiSpec(Kind, devices);
    }

    /// <summary>Null where there is no device.</summary>
    public CdiSpec? Spec { get; }

    /// <summary>A unit's name; with its family where a Warboy and an RNGD share the driver's.</summary>
    public string NameOf(Unit unit) =>
        _shared.Contains(unit.Device.Name) ? $"{FamilyOf(unit.Device)}-{unit.Name}" : unit.Name;

    private static string FamilyOf(NpuDevice card) => card.Family == NpuFamily.Rngd ? "rngd" : "warboy";

    private static CdiDeviceNode ToCdi(DeviceNode node) => new(node.Path, HostPath: null, Permissions);
}
