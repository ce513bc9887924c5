namespace NpuFeatureDiscovery.Testing;

/// <summary>The sysfs attributes of one card in a <see cref="HostTree"/>.</summary>
/// <param name="host">The tree that the card stands in.</param>
/// <param name="folder">The card's folder as the host names it.</param>
/// <param name="link">The link to it in the driver's class.</param>
public sealed class CardTree(HostTree host, string folder, string link)
{
    /// <summary>Where an attribute is.</summary>
    public string PathOf(string attribute) => host.At($"{link}/{attribute}");

    public CardTree Set(string attribute, string text)
    {
        host.Write($"{folder}/{attribute}", text);
        return this;
    }

    public CardTree Without(params ReadOnlySpan<string> attributes)
    {
        foreach (var attribute in attributes)
            host.Delete($"{folder}/{attribute}");

        return this;
    }

    public CardTree WithUnreadable(string attribute)
    {
        host.MakeUnreadable($"{folder}/{attribute}");
        return this;
    }

    /// <summary>Takes the card out of sysfs, as an unloaded driver or a pulled card does.</summary>
    public void Remove()
    {
        File.Delete(host.At(link));
        host.Delete(folder);
    }
}
