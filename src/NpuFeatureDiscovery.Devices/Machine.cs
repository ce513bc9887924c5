namespace NpuFeatureDiscovery.Devices;

/// <summary>The host's maker and product, as its firmware's DMI table names them.</summary>
/// <param name="Vendor"><c>/sys/class/dmi/id/sys_vendor</c>; <see langword="null"/> where absent or empty.</param>
/// <param name="Name"><c>/sys/class/dmi/id/product_name</c>; <see langword="null"/> where absent or empty.</param>
public sealed record Machine(string? Vendor, string? Name);
