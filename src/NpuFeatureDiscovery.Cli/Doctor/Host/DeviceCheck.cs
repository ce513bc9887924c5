using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Doctor.Host;

/// <summary>Each card's health, its device nodes, and what could not be read of it.</summary>
internal sealed class DeviceCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "device";

    public ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Finding>>(context.Node is { } node
            ? [.. Find(node)]
            : [new Finding(FindingLevel.Problem, Name, "Nothing is known of the cards.", context.NodeFailure)]);

    private IEnumerable<Finding> Find(NodeSnapshot node)
    {
        if (node.Devices.Count == 0)
            yield return new Finding(FindingLevel.Ok, Name, "This node has no NPU.");

        foreach (var device in node.Devices)
            yield return FindHealth(device) ?? FindNodes(device) ?? Describe(device, node.Problems);

        foreach (var cards in node.Devices.Where(device => device.Uuid is not null)
            .GroupBy(device => device.Uuid, StringComparer.OrdinalIgnoreCase).Where(cards => cards.Skip(1).Any()))
        {
            yield return new Finding(
                FindingLevel.Warning, Name,
                $"{string.Join(" and ", cards.Select(context.NameOf))} have the same UUID {cards.Key}.",
                "The kubelet is told their PCI addresses in its place, which change with the slot.",
                "Ask the maker for cards with UUIDs of their own.");
        }

        foreach (var problem in node.Problems.Where(problem => problem.Kind != ReadProblemKind.Missing))
            yield return Find(problem);
    }

    private Finding? FindHealth(NpuDevice device) => device.Health.State == HealthState.Healthy
        ? null
        : new Finding(
            FindingLevel.Problem, Name,
            device.Health.State == HealthState.Unhealthy
                ? $"{context.NameOf(device)} does not work."
                : $"Whether {context.NameOf(device)} works is not known.",
            $"{device.Health.Reason}.",
            "Look for it in the kernel's log (dmesg); reset or power-cycle the card, and reload its driver.");

    private Finding? FindNodes(NpuDevice device)
    {
        if (device.DeviceNodes.Count == 0)
        {
            return new Finding(
                FindingLevel.Problem, Name, $"{context.NameOf(device)} has no device node in {context.Root.Resolve("/dev")}.",
                "No container can be given the card.",
                context.MountRemedy(context.Root.Resolve("/dev"), isReadOnly: true,
                    "The driver makes the nodes by udev or devtmpfs: reload it, and see the kernel's log."));
        }

        string[] missing = [.. Missing(device)];
        return missing.Length == 0 ? null : new Finding(
            FindingLevel.Warning, Name,
            $"{context.NameOf(device)} lacks device nodes: there is no node {string.Join(" and none ", missing)}.",
            $"There are {string.Join(", ", device.DeviceNodes.Select(node => Path.GetFileName(node.Path)))}.",
            "Containers get the nodes that are there: reload the driver, or see who removed the others.");
    }

    private static IEnumerable<string> Missing(NpuDevice device)
    {
        if (!device.DeviceNodes.Any(node => node.Role == DeviceNodeRole.Management))
            yield return "to manage it";
        if (!device.DeviceNodes.Any(node => node.Role is DeviceNodeRole.MultiCore or DeviceNodeRole.Core))
            yield return "of its cores";
        // A U250 has no channels.
        if (device.Platform == NpuPlatform.FuriosaAI && !device.DeviceNodes.Any(node => node.Role == DeviceNodeRole.Channel))
            yield return "of its channels";
    }

    private Finding Describe(NpuDevice device, EquatableArray<ReadProblem> problems)
    {
        string[] untold = [.. problems.Where(problem => problem.Kind == ReadProblemKind.Missing && IsOf(problem.Path, device))
            .Select(problem => Path.GetFileName(problem.Path))];
        return new Finding(
            FindingLevel.Ok, Name,
            $"{context.NameOf(device)} works: {device.Product} at {device.PciAddress}, {device.Cores.Count} cores, "
            + $"{device.DeviceNodes.Count} device nodes.",
            untold.Length == 0 ? null : $"Its driver does not tell {string.Join(", ", untold)}.");
    }

    /// <summary>By the management folder's name, in either driver's spelling, or the place on the bus.</summary>
    private static bool IsOf(string path, NpuDevice device) =>
        path.Contains(device.Family == NpuFamily.Rngd ? $"!{device.Name}mgmt/" : $"/{device.Name}_mgmt/", StringComparison.Ordinal)
        || path.Contains($"/{device.PciAddress}/", StringComparison.Ordinal);

    private static Finding Find(ReadProblem problem) => problem.Kind == ReadProblemKind.DeviceLeftOut
        ? new Finding(
            FindingLevel.Problem, Name, $"A card is left out: '{problem.Path}' {problem.Reason}.",
            "What identifies a card has to be readable.", "Reload its driver, and compare with the files of a card that works.")
        : new Finding(
            FindingLevel.Warning, Name, $"'{problem.Path}' {problem.Reason}.",
            problem.Kind == ReadProblemKind.Malformed
                ? "The driver's text is not understood." : "The kernel refused it, or the card does not answer.",
            "Read the file by hand; if it is right and only doctor does not understand it, please report it.");
}
