namespace NpuFeatureDiscovery.Testing;

/// <summary>The project's own files, as a newcomer finds them.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static string At(string path) => Path.Combine(Root, path);

    private static string FindRoot(string folder) => File.Exists(Path.Combine(folder, "NpuFeatureDiscovery.sln"))
        ? folder
        : FindRoot(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No NpuFeatureDiscovery.sln above the tests."));
}
