namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>A number of things in a sentence: <c>1 card</c>, <c>2 cards</c>.</summary>
internal static class Amount
{
    public static string Of(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";
}
