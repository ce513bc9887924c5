using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Doctor.Host;

/// <summary>Which drivers are loaded, and their versions.</summary>
internal sealed class DriverCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "driver";

    /// <summary>The classes in which the drivers show their cards.</summary>
    private static readonly (NpuFamily Family, string Folder)[] Classes =
        [(NpuFamily.Warboy, "/sys/class/npu_mgmt"), (NpuFamily.Rngd, "/sys/class/rngd_mgmt")];

    public ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Finding>>(context.Node is { } node
            ? [.. Find(node)]
            : [new Finding(FindingLevel.Problem, Name, "The host cannot be read.", context.NodeFailure)]);

    private IEnumerable<Finding> Find(NodeSnapshot node)
    {
        var loaded = Array.FindAll(Classes, entry => Directory.Exists(context.Root.Resolve(entry.Folder)));
        if (loaded.Length == 0)
            yield return FindNone();

        foreach (var (family, folder) in loaded)
            yield return Find(folder, [.. node.Devices.Where(device => device.Family == family)]);

        string[] versions = [.. node.Devices.Select(device => device.DriverVersion?.ToString()).OfType<string>().Distinct()];
        if (versions.Length > 1)
        {
            yield return new Finding(
                FindingLevel.Warning, Name, $"The cards have drivers of several versions: {string.Join(", ", versions)}.",
                "Labels say 'mixed' in the place of the version, and leave out its parts.",
                "Nothing, where no workload chooses nodes by driver; else keep such cards on nodes of their own.");
        }
    }

    private Finding FindNone()
    {
        var cards = CardsOnBus();
        if (cards == 0)
            return new Finding(FindingLevel.Ok, Name, "No driver of NPUs is loaded, and there is no card for one.");

        return new Finding(
            cards is null ? FindingLevel.Warning : FindingLevel.Problem, Name, "No driver of NPUs is loaded.",
            $"There is neither {string.Join(" nor ", Array.ConvertAll(Classes, entry => entry.Folder))} below '{context.Root}'.",
            "Install FuriosaAI's driver package for the cards of this node, and load the driver.");
    }

    /// <returns>Null where they are not known, as the check of the PCI bus tells.</returns>
    private int? CardsOnBus()
    {
        try
        {
            return PciBus.ReadFuriosa(context.Root).Count;
        }
        catch (HostUnreadableException)
        {
            return null;
        }
    }

    private static Finding Find(string folder, NpuDevice[] devices)
    {
        var cards = devices.Length == 1 ? "1 card" : $"{devices.Length} cards";
        var versions = devices.Select(device => device.DriverVersion is { } version
            ? version.Reference is { } reference ? $"{version} ({reference})" : $"{version}"
            : "of unknown version").Distinct();
        return devices.Length == 0
            ? new Finding(
                FindingLevel.Warning, Name, $"The driver of {Path.GetFileName(folder)} is loaded and shows no card.",
                "It found none, or could not start those that it found.",
                "See what the kernel's log says of it: dmesg | grep -i npu.")
            : new Finding(
                FindingLevel.Ok, Name, $"The driver of {Path.GetFileName(folder)}, {string.Join(", ", versions)}, shows {cards}.");
    }
}
