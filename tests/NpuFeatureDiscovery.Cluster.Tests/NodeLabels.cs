using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The labels of the cluster's node that tell of NPUs.</summary>
internal static class NodeLabels
{
    private const string Prefix = "beta.furiosa.ai/";

    /// <summary>Those of a host of <see cref="NpuHost"/>, in their order.</summary>
    public static string[] Of(int cards) =>
    [
        "beta.furiosa.ai/driver.reference=3def9c2",
        "beta.furiosa.ai/driver.version=1.9.2",
        "beta.furiosa.ai/driver.version.major=1",
        "beta.furiosa.ai/driver.version.minor=9",
        "beta.furiosa.ai/driver.version.patch=2",
        "beta.furiosa.ai/machine.name=SYS-421GE-TNRT",
        "beta.furiosa.ai/machine.vendor=Supermicro",
        $"beta.furiosa.ai/npu.count={cards}",
        "beta.furiosa.ai/npu.family=warboy",
        "beta.furiosa.ai/npu.product=warboyB0",
    ];

    public static async Task<string[]> ReadAsync(CancellationToken token) =>
        Select(await Cluster.KubectlAsync(["get", "node", Cluster.Node, "-o", "jsonpath={.metadata.labels}"], token));

    /// <param name="labels">All labels of a Node, as a JSON object.</param>
    public static string[] Select(string labels) =>
    [
        .. JsonNode.Parse(labels)!.AsObject().Where(label => label.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"),
    ];

    /// <summary>Those of a feature file.</summary>
    public static string[] OfFile(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            .OrderBy(line => line.Split('=')[0], StringComparer.Ordinal)];

    /// <summary>Takes them away from the Node.</summary>
    public static Task RemoveAsync(CancellationToken token) => RunAsync(token, "--cleanup");

    /// <summary>Takes the feature file away.</summary>
    public static async Task RemoveFileAsync(CancellationToken token)
    {
        var result = await TheProgram.RunAsync(token, "label", "--output", "file", "--cleanup");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }

    /// <summary>Runs <c>label</c> for the cluster's node.</summary>
    public static async Task RunAsync(CancellationToken token, params string[] options)
    {
        var result = await TheProgram.RunInAsync(
            Environment.GetEnvironmentVariable("KUBECONFIG")!, token,
            ["label", "--output", "node", "--node-name", Cluster.Node, .. options]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }
}
