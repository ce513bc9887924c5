using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

public sealed class ReadmeTests
{
    [Test]
    public void The_code_of_the_README_compiles()
    {
        var code = File.ReadLines(ThisFolder("../../src/NpuFeatureDiscovery.Kubernetes/README.md"))
            .SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```")
            .Where(line => line.Length > 0 && !(line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=')));

        Assert.That(code.Select(line => line.Trim()),
            Is.Not.Empty.And.SubsetOf(File.ReadLines(ThisFolder("ReadmeTests.cs")).Select(line => line.Trim())));
    }

    internal static async Task LabelAsync()
    {
        var configuration = KubernetesConfiguration.Find() ?? throw new InvalidOperationException("There is no API server.");
        using var client = new KubernetesClient(configuration, TimeProvider.System);

        var node = KubernetesResource.Nodes.Named("node-1");
        var seen = await client.MergePatchAsync(node, [], "example-agent", CancellationToken.None);
        var metadata = new JsonObject
        {
            ["uid"] = seen.GetProperty("metadata").GetProperty("uid").GetString(),
            ["labels"] = new JsonObject { ["example.com/colour"] = "blue" },
        };
        await client.ApplyAsync(
            node, new JsonObject { ["metadata"] = metadata }, "example-agent", force: false, CancellationToken.None);
    }

    private static string ThisFolder(string file, [CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, file);
}
