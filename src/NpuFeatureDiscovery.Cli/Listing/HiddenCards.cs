namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>Says that there are more cards than are listed, as in a container that has some of them.</summary>
internal static class HiddenCards
{
    public static IEnumerable<string> Tell(int count, int listed)
    {
        if (listed < count)
            yield return $"{count - listed} of {count} NPUs have no device node here and are not listed: --all lists them too.";
    }
}
