namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The overlay <c>agent</c> on a real node.</summary>
public sealed class AgentTests : InstallationTest
{
    [Test]
    [CancelAfter(Deadline)]
    public async Task One_Pod_does_the_work_of_three(CancellationToken token)
    {
        await InstallAsync("agent", await LabelledHostAsync(cards: 2, token), token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        await Cluster.ApplyAsync(SampleWorkload.OnTheNode("pod.yaml"), token);
        await Cluster.KubectlAsync(["wait", "--for=condition=Ready", "pod/npu-pod", "--timeout=120s"], token);

        // The Pod has the node's own network.
        using var client = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:6254") };
        var metrics = (await client.GetStringAsync("/metrics", token)).Split('\n');
        var ready = await client.GetStringAsync("/readyz", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(NodeLabels.OfFile(await File.ReadAllTextAsync(FeatureFile, token)), Is.EqualTo(NodeLabels.Of(cards: 2)));
            Assert.That(metrics.Where(line => line.StartsWith("furiosa_npu_alive{", StringComparison.Ordinal)),
                Has.Exactly(2).Items.And.All.EndsWith(" 1"));
            Assert.That(metrics, Has.Some.StartsWith("furiosa_npu_allocation_info{").And.Contains("pod=\"npu-pod\""));
            Assert.That(ready, Does.Contain("[+] device-plugin: ").And.Contain("[+] labels: ").And.Contain("[+] pod-resources"));
        }
    }
}
