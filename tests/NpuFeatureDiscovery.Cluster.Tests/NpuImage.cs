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

    private static Task<string> LoadOnceAsync() => IsBuilt()
        ? Cluster.ShellAsync(Repository.At("../shared/cluster/image"), [Name, Folder, Program], "", CancellationToken.None)
        : Cluster.ShellAsync("deploy/image/build", ["--load", Name], "", CancellationToken.None);

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
