namespace NpuFeatureDiscovery.Testing;

/// <summary>A folder of the test's own, gone with it.</summary>
public class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("npu-feature-discovery-").FullName;

    public string Path { get; }

    /// <summary>Where a path, also one that begins with '/', is in this folder.</summary>
    public string At(string path) => System.IO.Path.Combine(Path, path.TrimStart('/'));

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        GC.SuppressFinalize(this);
    }
}
