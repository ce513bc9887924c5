namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>What a card's <c>device_type</c> and <c>soc_rev</c> say of it.</summary>
internal static class DeviceType
{
    /// <summary>Names family and product; where the driver is silent, what every card of that driver and platform is.</summary>
    public static (NpuFamily Family, string Product) Identify(
        AttributeFolder folder, NpuPlatform platform, NpuFamily familyOfDriver)
    {
        var type = folder.Text("device_type");
        if (type is null)
            return (familyOfDriver, platform == NpuPlatform.Vitis ? "u250" : DefaultProduct(familyOfDriver));

        var family = Family(type) ?? familyOfDriver;
        var product = FirstWordInLowerCase(type);
        // Only Warboy has a revision of its own file; later drivers fold it into the type (WarboyB0).
        return product == "warboy" && folder.Text("soc_rev") is { } revision
            ? (family, product + revision)
            : (family, product);
    }

    private static string DefaultProduct(NpuFamily family) => family == NpuFamily.Rngd ? "rngd" : "warboy";

    private static NpuFamily? Family(string type)
    {
        if (type.StartsWith("Warboy", StringComparison.OrdinalIgnoreCase))
            return NpuFamily.Warboy;

        return type.StartsWith("RNGD", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("Renegade", StringComparison.OrdinalIgnoreCase)
            ? NpuFamily.Rngd
            : null;
    }

    /// <summary>As the product codes are written: WarboyB0 is warboyB0, RNGD-S is rngd-s, U250 is u250.</summary>
    private static string FirstWordInLowerCase(string type) => type.AsSpan().ContainsAnyInRange('a', 'z')
        ? char.ToLowerInvariant(type[0]) + type[1..]
        : type.ToLowerInvariant();
}
