using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The image that deploy/ runs, made by <c>deploy/image/build</c> and loaded into the cluster once.</summary>
internal static class NpuImage
{
    private const string Name = "npu-feature-discovery:0.1.0";
    private const string Folder = "artifacts/image/rootfs";
    private const string Program = "/usr/bin/npu-feature-discovery";

    private static readonly Lazy<Task<string>> Loading = new(LoadOnceAsync);

    public static Task LoadAsync() => Loading.Value;

    /// <summary>Makes a folder an image that the node can run.</summary>
    public static Task<string> LoadAsync(string name, string folder, string program) =>
        Cluster.ShellAsync(Repository.At("../shared/cluster/image"), [name, folder, program], "", CancellationToken.None);

    private static Task<string> LoadOnceAsync() => IsBuilt()
        ? LoadAsync(Name, Folder, Program)
        : Cluster.ShellAsync(Repository.At("deploy/image/build"), ["--load", Name], "", CancellationToken.None);

    /// <summary>Whether it was assembled of what is tested here, as CI does before; publishing again takes its time.</summary>
    private static bool IsBuilt()
    {
        var program = new FileInfo(Repository.At(Folder + Program));
        return program.Exists && Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileName(file) is var name && name.StartsWith("npu", StringComparison.OrdinalIgnoreCase)
                && !name.Contains("Test", StringComparison.Ordinal))
            .All(file => File.GetLastWriteTimeUtc(file) <= program.LastWriteTimeUtc);
    }
}
