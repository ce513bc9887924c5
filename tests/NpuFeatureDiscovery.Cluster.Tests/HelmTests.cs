namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The chart is installed by a real helm, and its end leaves nothing on the Node, in the API or on the host.</summary>
public sealed class HelmTests : InstallationTest
{
    private const string Kinds = "daemonsets,jobs,services,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings";

    private TestChart? _chart;

    [TearDown]
    public async Task RemoveAsync()
    {
        if (_chart is null)
            return;

        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(Deadline));
        await TestChart.RemoveAsync(deadline.Token);
        await TestOverlay.PodsAreGoneAsync(deadline.Token);
        DeleteNewFolders();
    }

    [TestCase("node")]
    [TestCase("file")]
    [CancelAfter(Deadline)]
    public async Task An_uninstallation_takes_the_labels_away_first_and_then_all_else(string output, CancellationToken token)
    {
        _chart = EndWithTest(new TestChart(await HostAsync(1, token)));
        await _chart.LoadKubectlAsync(token);
        await _chart.InstallAsync($"nodes=every,featureDiscovery.output={output}", token);
        await Cluster.UntilAsync(() => IsPublishedAsync(output, token), published => published, token);

        await TestChart.UninstallAsync(token);

        Assert.That(await IsPublishedAsync(output, token), Is.False);
        var objects = await Cluster.KubectlAsync(["get", Kinds, "--all-namespaces", "-o", "name"], token);
        Assert.That(objects.Split('\n').Where(name => name.Contains("furiosa") || name.Contains("npu-")), Is.Empty);
    }

    private static async Task<bool> IsPublishedAsync(string output, CancellationToken token) => output == "file"
        ? File.Exists(FeatureFile)
        : (await Cluster.KubectlAsync(["get", "node", Cluster.Node, "-o", "jsonpath={.metadata.labels}"], token))
            .Contains("furiosa.ai/npu.count", StringComparison.Ordinal);
}
