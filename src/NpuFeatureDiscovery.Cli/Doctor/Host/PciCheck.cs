using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Doctor.Host;

/// <summary>Compares the cards on the PCI bus with those that drivers show.</summary>
internal sealed class PciCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "pci";

    private const string NoCard = "There is no FuriosaAI card on the PCI bus.";

    public ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var functions = PciBus.ReadFuriosa(context.Root);
            return ValueTask.FromResult<IReadOnlyList<Finding>>(
                context.Node is { } node ? [.. Find(functions, node.Devices)] : [Describe(functions)]);
        }
        catch (HostUnreadableException exception)
        {
            return ValueTask.FromResult<IReadOnlyList<Finding>>(
                [new Finding(FindingLevel.Problem, Name, "The cards on the PCI bus are not known.", exception.Message)]);
        }
    }

    private IEnumerable<Finding> Find(IReadOnlyList<PciFunction> functions, EquatableArray<NpuDevice> devices)
    {
        PciFunction[] unshown = [.. functions.Where(function => !devices.Any(device => device.PciAddress == function.Address))];
        NpuDevice[] gone = [.. devices.Where(device => !PciBus.Has(context.Root, device.PciAddress))];
        foreach (var function in unshown)
            yield return FindUnshown(function);

        foreach (var device in gone)
        {
            yield return new Finding(
                FindingLevel.Problem, Name, $"{context.NameOf(device)} is not on the PCI bus: {device.PciAddress} is empty.",
                "Its driver still shows it: the card has fallen off the bus, or was pulled.",
                "Look for PCIe errors in the kernel's log (dmesg), reseat or power-cycle the card, and reload its driver.");
        }

        if (unshown.Length == 0 && gone.Length == 0)
        {
            var places = string.Join(", ", devices.Select(device => $"{context.NameOf(device)} at {device.PciAddress}"));
            yield return new Finding(
                FindingLevel.Ok, Name, places.Length == 0 ? NoCard : $"Each card is on the PCI bus: {places}.");
        }
    }

    private static Finding Describe(IReadOnlyList<PciFunction> functions)
    {
        var places = string.Join(", ", functions.Select(function => function.Address.ToString()));
        return new Finding(
            FindingLevel.Ok, Name, places.Length == 0 ? NoCard : $"FuriosaAI cards are on the PCI bus: {places}.",
            "Whether drivers show them is not known.");
    }

    private static Finding FindUnshown(PciFunction function) => function.Driver switch
    {
        "vfio-pci" => new Finding(
            FindingLevel.Warning, Name, $"The card at {function.Address} is given to a virtual machine.",
            "It is bound to vfio-pci, so this node cannot use it.",
            "Nothing, if that is meant; else bind it to FuriosaAI's driver."),
        { } driver => new Finding(
            FindingLevel.Problem, Name, $"The card at {function.Address} has the driver {driver}, which does not show it.",
            "The driver could not start the card, or shows it without what identifies it.",
            $"See what the kernel's log says of it: dmesg | grep {function.Address}."),
        null => new Finding(
            FindingLevel.Problem, Name, $"The card at {function.Address} has no driver.",
            "It is on the PCI bus, and no driver shows it, so it is no NPU for this node.",
            $"Install FuriosaAI's driver for it and load it; then dmesg | grep {function.Address} tells whether it starts."),
    };
}
