namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>All kinds of fault come equally often, in a random order.</summary>
internal static class Deck
{
    /// <summary>Without end, and shuffled anew after one of each.</summary>
    public static IEnumerable<T> Deal<T>(IEnumerable<T> faults, Random random)
    {
        T[] deck = [.. faults];
        while (deck.Length > 0)
        {
            random.Shuffle(deck);
            foreach (var fault in deck)
                yield return fault;
        }
    }
}
