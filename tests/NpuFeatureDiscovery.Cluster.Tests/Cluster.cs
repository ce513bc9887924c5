using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>
/// The real cluster of one node that KUBECONFIG names and whose processes are described in NPU_CLUSTER_DIR: only there may tests end
/// a kubelet and put device nodes into /dev.
/// </summary>
internal static class Cluster
{
    public const string Node = "node-1";

    /// <summary>Where deploy/ installs.</summary>
    public const string Namespace = "kube-system";

    private static readonly string? Folder = Environment.GetEnvironmentVariable("NPU_CLUSTER_DIR");

    /// <summary>Skips the test where there is no such cluster.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is not { Length: > 0 } || Folder is not { Length: > 0 })
            Assert.Ignore("There is no cluster to test with: KUBECONFIG and NPU_CLUSTER_DIR name none.");
    }

    /// <summary>A file of the cluster's own.</summary>
    public static string At(string path) => Path.Combine(Folder!, path);

    /// <summary>Runs kubectl, which has to succeed.</summary>
    /// <returns>What it printed.</returns>
    public static Task<string> KubectlAsync(string[] arguments, CancellationToken token) => ShellAsync("kubectl", arguments, "", token);

    /// <summary>Creates or changes objects.</summary>
    public static Task ApplyAsync(string yaml, CancellationToken token) => ShellAsync("kubectl", ["apply", "-f", "-"], yaml, token);

    /// <summary>Waits until each node runs the newest Pod of a DaemonSet of <see cref="Namespace"/>, and that is ready.</summary>
    public static Task RolledOutAsync(string daemonSet, CancellationToken token) =>
        KubectlAsync(["rollout", "status", "-n", Namespace, $"daemonset/{daemonSet}", "--timeout=150s"], token);

    /// <summary>The one Pod of a DaemonSet or Service of <see cref="Namespace"/>, of those that are not about to end.</summary>
    public static async Task<JsonNode> PodAsync(string name, CancellationToken token)
    {
        var pods = await KubectlAsync(["get", "pods", "-n", Namespace, "-l", $"app.kubernetes.io/name={name}", "-o", "json"], token);
        return JsonNode.Parse(pods)!["items"]!.AsArray().Single(pod => pod!["metadata"]!["deletionTimestamp"] is null)!;
    }

    /// <summary>How many of a resource the node offers. The word of a kubelet that has ended since counts for nothing.</summary>
    public static async Task<(string Capacity, string Allocatable)> CountAsync(string resource, CancellationToken token)
    {
        var path = resource.Replace(".", "\\.", StringComparison.Ordinal);
        var status = await KubectlAsync(
            ["get", "node", Node, "-o", $"jsonpath={{.status.conditions[?(@.type==\"Ready\")].lastHeartbeatTime}} "
                + $"{{.status.capacity.{path}}} {{.status.allocatable.{path}}}"], token);
        var parts = status.Split(' ');
        return Kubelet.HasRunSince(DateTimeOffset.Parse(parts[0], CultureInfo.InvariantCulture)) ? (parts[1], parts[2]) : ("", "");
    }

    /// <summary>Asks again and again until a condition holds; the API server tells nobody what a node offers.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isEnough, CancellationToken token)
    {
        var last = default(T);
        try
        {
            while (true)
            {
                last = await ask();
                if (isEnough(last))
                    return last;

                await Task.Delay(TimeSpan.FromMilliseconds(200), token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new AssertionException($"It did not come to what was waited for; the last was {last}.");
        }
    }

    /// <summary>Runs a program that has to succeed.</summary>
    public static async Task<string> ShellAsync(string file, string[] arguments, string input, CancellationToken token)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        })!;
        await process.StandardInput.WriteAsync(input.AsMemory(), token);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(token);
        var error = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {await error}{await output}");
    }
}
