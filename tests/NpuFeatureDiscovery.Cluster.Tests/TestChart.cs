using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>
/// The Helm chart of deploy/ for the cluster's node: on the only network that is there, with the sysfs of a test's host. Everything else
/// is as it is published.
/// </summary>
internal sealed partial class TestChart : IDisposable
{
    private const string Namespace = "kube-system";
    private const string Name = "npu";
    private const string Published = "deploy/helm/npu-feature-discovery";

    private readonly TemporaryFolder _folder = new();

    public TestChart(NpuHost host)
    {
        foreach (var file in Directory.EnumerateFiles(Repository.At(Published), "*", SearchOption.AllDirectories))
        {
            var copy = _folder.At($"chart/{Path.GetRelativePath(Repository.At(Published), file)}");
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            var text = File.ReadAllText(file);
            if (copy.Contains("/templates/"))
                text = LinesOfPods().Replace(text, "$1$2\n$1hostNetwork: true")
                    .Replace("path: /sys/", $"path: {host.Root}/sys/", StringComparison.Ordinal);
            File.WriteAllText(copy, text);
        }
    }

    /// <summary>Puts kubectl's image, with which the chart waits, where the node finds it, since it can pull none.</summary>
    public async Task LoadKubectlAsync(CancellationToken token)
    {
        var kubectl = (await Cluster.ShellAsync("bash", ["-c", "readlink -f \"$(command -v kubectl)\""], "", token)).Trim();
        Directory.CreateDirectory(_folder.At("kubectl/bin"));
        File.Copy(kubectl, _folder.At("kubectl/bin/kubectl"));
        var image = (await File.ReadAllTextAsync(_folder.At("chart/values.yaml"), token)).Split('\n')
            .Single(line => line.Contains("image: ") && line.Contains("kubectl")).Split("image: ")[1];
        await NpuImage.LoadAsync(image, _folder.At("kubectl"), "/bin/kubectl");
    }

    /// <summary>Installs it and waits until its Pods are ready.</summary>
    /// <param name="values">As <c>--set</c> takes them.</param>
    /// <param name="token">When to give up.</param>
    public Task InstallAsync(string values, CancellationToken token) =>
        HelmAsync(["install", Name, _folder.At("chart"), "--set", values, "--wait", "--timeout", "120s"], token);

    public static Task UninstallAsync(CancellationToken token) => HelmAsync(["uninstall", Name], token);

    /// <summary>Takes away what a test that failed has left.</summary>
    public static Task RemoveAsync(CancellationToken token) => HelmAsync(["uninstall", Name, "--no-hooks", "--ignore-not-found"], token);

    public void Dispose() => _folder.Dispose();

    private static Task<string> HelmAsync(string[] arguments, CancellationToken token) =>
        Cluster.ShellAsync("helm", [.. arguments, "--namespace", Namespace], "", token);

    [GeneratedRegex(@"^( *)(priorityClassName: .*|restartPolicy: .*)$", RegexOptions.Multiline)]
    private static partial Regex LinesOfPods();
}
