namespace NpuFeatureDiscovery.Cli;

/// <summary>The command line asks for what cannot be; ends with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(IReadOnlyList<string> mistakes) : Exception(string.Join(' ', mistakes))
{
    public IReadOnlyList<string> Mistakes => mistakes;

    public static void ThrowIfAny(IEnumerable<string> mistakes)
    {
        string[] found = [.. mistakes];
        if (found.Length > 0)
            throw new UsageException(found);
    }
}
