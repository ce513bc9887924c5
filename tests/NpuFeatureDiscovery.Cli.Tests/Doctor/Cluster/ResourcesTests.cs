namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

/// <summary>What is told of what the Node offers, against the host's cards.</summary>
[CancelAfter(60_000)]
public sealed class ResourcesTests
{
    [TestCase(2)]
    [TestCase(4)]
    public async Task A_resource_of_all_cards_or_of_all_cores_is_well(int units, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync(CheckedCluster.Resource, units, units);

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo($"Ok resources: Node 'node-1' offers {units} beta.furiosa.ai/npu."));
    }

    [Test]
    public async Task Cards_without_a_plugin_are_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 2);
        await cluster.AddNodeAsync();

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem resources: Node 'node-1' offers none of its 2 cards. | No device plugin has registered with its kubelet."));
    }

    [Test]
    public async Task Fewer_units_than_cards_are_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync(CheckedCluster.Resource, 1, 1);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem resources: Node 'node-1' counts 1 beta.furiosa.ai/npu, and the host has 2 cards with 4 cores."));
    }

    [Test]
    public async Task More_units_than_cards_are_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync("furiosa.ai/warboy", 3, 3);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning resources: Node 'node-1' counts 2 beta.furiosa.ai/npu, 3 furiosa.ai/warboy, and the host has 2 cards with 4 cores."));
    }

    [Test]
    public async Task A_plugin_that_is_gone_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync(CheckedCluster.Resource, 2, 0);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem resources: Pods can have 0 of 2 beta.furiosa.ai/npu. | The device plugin is gone"));
    }

    [Test]
    public async Task An_unhealthy_card_is_a_problem_with_its_reason(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token);
        cluster.Host.AddWarboy(0);
        cluster.Host.AddWarboy(1).Set("alive", "0\n");
        await cluster.AddNodeAsync(2, 1);
        await cluster.PublishOnNodeAsync();

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Problem resources: Pods can have 1 of 2 beta.furiosa.ai/npu. | The plugin tells units as unhealthy: npu1: .*alive"));
    }

    [Test]
    public async Task Units_that_are_unhealthy_without_a_card_that_is_are_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync(CheckedCluster.Resource, 2, 1);

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Warning resources: Pods can have 1 of 2 beta.furiosa.ai/npu. .*of which the cards show nothing"));
    }

    [Test]
    public async Task A_resource_of_no_plugin_is_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync("alpha.furiosa.ai/npu", 0, 0);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning resources: Node 'node-1' has a resource of no plugin, 'alpha.furiosa.ai/npu', with nothing of it.").And.One.StartsWith("Ok resources:"));
    }

    [Test]
    public async Task Resources_of_others_are_not_looked_at(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.OfferAsync("nvidia.com/gpu", 4, 0);

        Assert.That(await cluster.DoctorAsync(), Has.All.StartsWith("Ok "));
    }
}
