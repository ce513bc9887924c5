namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>
/// Arguments of <c>label</c> that keep it from the machine's own feature file, which the tests of a cluster look at meanwhile: without
/// <c>--output</c>, it removes the file where it labels the Node instead.
/// </summary>
internal static class OwnFeatures
{
    public static string[] In(string folder, string[] args) =>
        args.SkipWhile(arg => arg != "--output").ElementAtOrDefault(1) is null or "auto" or "file" ? ["--features-dir", folder, .. args] : args;
}
