using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The API server takes every object of <c>deploy/</c>; a dry run makes none.</summary>
[CancelAfter(60_000)]
public sealed class ManifestTests
{
    private static string[] Overlays => [.. Directory.GetDirectories(Repository.At("deploy/overlays"))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [SetUp]
    public void SetUp() => Cluster.Require();

    [TestCaseSource(nameof(Overlays))]
    public async Task An_overlay_is_accepted(string overlay, CancellationToken token) =>
        await AcceptsAsync(await Cluster.KubectlAsync(["kustomize", $"deploy/overlays/{overlay}"], token), token);

    [Test]
    public async Task The_network_policies_are_accepted(CancellationToken token) => await AcceptsAsync(
        await File.ReadAllTextAsync(Repository.At("deploy/components/network-policy/policies.yaml"), token), token);

    private static async Task AcceptsAsync(string yaml, CancellationToken token)
    {
        var answer = await Cluster.ShellAsync("kubectl", ["apply", "--dry-run=server", "-f", "-"], yaml, token);

        var objects = yaml.Split('\n').Count(line => line.StartsWith("kind: ", StringComparison.Ordinal));
        Assert.That(answer.TrimEnd().Split('\n'), Has.Length.EqualTo(objects).And.All.EndsWith("(server dry run)"));
    }
}
