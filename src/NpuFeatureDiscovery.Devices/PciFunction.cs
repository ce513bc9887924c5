namespace NpuFeatureDiscovery.Devices;

/// <summary>A function of a FuriosaAI card on the PCI bus, which is there with or without a driver.</summary>
/// <param name="Address">Its place.</param>
/// <param name="Driver">
/// The kernel's driver that it is bound to, such as <c>vfio-pci</c> where it is given to a virtual machine; <see langword="null"/> where
/// there is none, or the tree does not tell.
/// </param>
public sealed record PciFunction(PciAddress Address, string? Driver);
