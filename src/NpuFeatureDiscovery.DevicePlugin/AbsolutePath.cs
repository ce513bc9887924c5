namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>A runtime that gets another path fails in words that do not tell whose it was.</summary>
internal static class AbsolutePath
{
    /// <exception cref="ArgumentException">It is none.</exception>
    public static string Check(string path) => path.StartsWith('/')
        ? path
        : throw new ArgumentException($"Path '{path}' is not absolute: it has to begin with '/'.");
}
