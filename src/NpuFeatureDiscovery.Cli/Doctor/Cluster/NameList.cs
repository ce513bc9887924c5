namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Names in a sentence: the first few, and how many more.</summary>
internal static class NameList
{
    private const int Shown = 4;

    public static string Of(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= Shown + 1
            ? string.Join(", ", all)
            : $"{string.Join(", ", all.Take(Shown))} and {all.Length - Shown} more";
    }
}
