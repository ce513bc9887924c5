using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>A resource name that may differ from card to card.</summary>
/// <param name="text">The name, perhaps with <c>{family}</c> and <c>{product}</c> in it.</param>
internal sealed class ResourceNameTemplate(string text)
{
    private const string Family = "{family}";
    private const string Product = "{product}";

    private readonly bool _hasFamily = text.Contains(Family, StringComparison.Ordinal);
    private readonly bool _hasProduct = text.Contains(Product, StringComparison.Ordinal);

    /// <summary>The resource that every card is of; null where that depends on the card.</summary>
    public Resource? Single => _hasFamily || _hasProduct ? null : new Resource(text, "");

    /// <summary>The resource that a card is of.</summary>
    public Resource Of(NpuDevice device)
    {
        var family = FamilyOf(device);
        var name = text.Replace(Family, family, StringComparison.Ordinal).Replace(Product, device.Product, StringComparison.Ordinal);
        string[] variants = [.. _hasFamily ? (string[])[family] : [], .. _hasProduct ? (string[])[device.Product] : []];
        return new Resource(name, string.Concat(variants.Select(variant => "-" + variant)));
    }

    /// <summary>What keeps a text from being such a name; null where it is one.</summary>
    public static string? Error(string text)
    {
        var example = text.Replace(Family, "warboy", StringComparison.Ordinal).Replace(Product, "warboyB0", StringComparison.Ordinal);
        return example.AsSpan().ContainsAny('{', '}')
            ? $"in braces there may be {Family} and {Product}."
            : ResourceName.Error(example);
    }

    private static string FamilyOf(NpuDevice device) => device.Family == NpuFamily.Rngd ? "rngd" : "warboy";
}

/// <summary>One extended resource.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SocketSuffix">What its socket's name has behind the configured one; empty where there is one resource.</param>
internal sealed record Resource(string Name, string SocketSuffix);
