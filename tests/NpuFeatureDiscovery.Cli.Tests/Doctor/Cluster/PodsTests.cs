using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

/// <summary>What is told of Pods that hold NPUs, and of those that wait for some.</summary>
[CancelAfter(60_000)]
public sealed class PodsTests
{
    private const string Card0 = "1B2E6C4D-0000-4A7F-9C31-000000000000";
    private const string Card1 = "1B2E6C4D-0000-4A7F-9C31-000000000001";

    [Test]
    public async Task Requests_that_the_kubelet_has_met_are_well(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("train", 2, "Running");
        await cluster.AddPodAsync("done", 2, "Succeeded");
        await HoldAsync(cluster, "train", token, Card0, Card1);

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo("Ok requests: Pods on Node 'node-1' ask for 2 beta.furiosa.ai/npu.")
            .And.All.StartsWith("Ok "));
    }

    [Test]
    public async Task Units_that_the_kubelet_holds_for_no_Pod_are_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("train", 1, "Running");
        await HoldAsync(cluster, "train", token, Card0, Card1);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem requests: The kubelet holds 2 beta.furiosa.ai/npu as given, and Pods of Node 'node-1' ask for 1. | "
            + "The scheduler counts 1 as free, and the kubelet only 0: some belong to Pods that are gone"));
    }

    [Test]
    public async Task Requests_of_running_Pods_that_the_kubelet_does_not_know_of_are_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("train", 2, "Running");
        await HoldAsync(cluster, "train", token, Card0);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning requests: Running Pods of Node 'node-1' ask for 2 beta.furiosa.ai/npu, and the kubelet tells of 1 as given."));
    }

    [Test]
    public async Task Requests_beyond_what_the_Node_offers_are_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("train", 2, "Running");
        await cluster.OfferAsync(CheckedCluster.Resource, 2, 1);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning requests: Pods ask for 2 beta.furiosa.ai/npu, of which Node 'node-1' offers 1."));
    }

    [Test]
    public async Task A_Pod_that_the_kubelet_refused_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("train", 1, "Failed", status: new JsonObject
        {
            ["reason"] = "UnexpectedAdmissionError",
            ["message"] = "Allocate failed due to requested number of devices unavailable",
        });

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem requests: Pod 'default/train' was given to Node 'node-1', and its kubelet refused it. | Allocate failed"));
    }

    [Test]
    public async Task A_Pod_that_waits_for_want_of_NPUs_is_told_with_how_many_are_free(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("train", 1, "Running");
        await cluster.AddPodAsync("next", 2, "Pending", status: Unschedulable("0/1 nodes are available: 1 Insufficient beta.furiosa.ai/npu."));

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo(
            "Warning pending-pods: Pod 'default/next' waits for 2 beta.furiosa.ai/npu. | It asks for 2 beta.furiosa.ai/npu, and Node 'node-1' has "
            + "1 free of 2. The scheduler: Unschedulable: 0/1 nodes are available: 1 Insufficient beta.furiosa.ai/npu. "
            + "-> Wait until Pods end that hold some, or add cards."));
    }

    [TestCase("beta.furiosa.ai/npu.product", "rngd", "beta.furiosa.ai/npu.product=rngd, and Node 'node-1' has 'warboyB0'.")]
    [TestCase("zone", "b", "zone=b, and Node 'node-1' has none of that key.")]
    public async Task A_Pod_that_selects_other_labels_is_told_with_them(string key, string value, string why, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("next", 1, "Pending", new JsonObject { ["nodeSelector"] = new JsonObject { [key] = value } });

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            $"Warning pending-pods: Pod 'default/next' waits for 1 beta.furiosa.ai/npu. | It asks for the label {why} "
            + "The scheduler has said nothing of it yet."));
    }

    [TestCase("""{"matchExpressions": [{"key": "beta.furiosa.ai/npu.family", "operator": "In", "values": ["renegade", "other"]}, {"key": "zone", "operator": "DoesNotExist"}]}""",
        "It asks for the label beta.furiosa.ai/npu.family In (renegade, other), and Node 'node-1' has 'warboy'.")]
    [TestCase("""{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}, {"matchExpressions": [{"key": "beta.furiosa.ai/npu.count", "operator": "Gt", "values": ["2"]}]}""",
        "It asks for one of 2 terms of node affinity, and Node 'node-1' meets none.")]
    public async Task A_Pod_whose_affinity_is_to_other_labels_is_told_with_them(string terms, string why, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("next", 1, "Pending", Affinity(terms));

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            $"Warning pending-pods: Pod 'default/next' waits for 1 beta.furiosa.ai/npu. | {why} The scheduler has said nothing of it yet."));
    }

    [TestCase("In", "1", false)]
    [TestCase("In", "2", true)]
    [TestCase("NotIn", "1", true)]
    [TestCase("NotIn", "2", false)]
    [TestCase("Gt", "1", true)]
    [TestCase("Gt", "2", false)]
    [TestCase("Lt", "3", true)]
    [TestCase("Lt", "2", false)]
    [TestCase("Exists", null, true)]
    [TestCase("DoesNotExist", null, false)]
    public async Task Affinity_is_understood_as_the_scheduler_does(string operation, string? value, bool isMet, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        var values = value is null ? "" : $", \"values\": [\"{value}\"]";
        await cluster.AddPodAsync("next", 1, "Pending", Affinity(
            $$"""{"matchExpressions": [{"key": "beta.furiosa.ai/npu.count", "operator": "{{operation}}"{{values}} }]}"""));

        Assert.That(await cluster.DoctorAsync(), Has.One.Contain(
            isMet ? "Nothing that is seen here keeps it from Node 'node-1'." : "It asks for the label"));
    }

    [Test]
    public async Task A_Pod_that_does_not_tolerate_a_taint_is_told_with_it(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1, spec: JsonNode.Parse("""
            {"taints": [{"key": "furiosa.ai/npu", "value": "warboy", "effect": "NoSchedule"}, {"key": "soft", "effect": "PreferNoSchedule"}]}
            """)!.AsObject());
        await cluster.AddPodAsync("next", 1, "Pending");
        await cluster.AddPodAsync("other", 1, "Pending", JsonNode.Parse("""{"tolerations": [{"key": "furiosa.ai/npu", "operator": "Exists"}]}""")!.AsObject());

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.Contain(
            "Pod 'default/next' waits for 1 beta.furiosa.ai/npu. | Node 'node-1' has the taint furiosa.ai/npu=warboy:NoSchedule, which it does not tolerate."));
        Assert.That(lines, Has.One.Contain("Pod 'default/other' waits for 1 beta.furiosa.ai/npu. | Nothing that is seen here"));
    }

    [Test]
    public async Task A_Pod_that_asks_for_a_resource_of_another_name_is_told_with_the_Nodes(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("next", 1, "Pending", resource: "alpha.furiosa.ai/npu");

        Assert.That(await cluster.DoctorAsync(), Has.One.Contain("Node 'node-1' offers no alpha.furiosa.ai/npu, but beta.furiosa.ai/npu."));
    }

    [Test]
    public async Task A_Pod_that_asks_for_more_than_there_ever_is_is_told_so(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("next", 3, "Pending");

        Assert.That(await cluster.DoctorAsync(), Has.One.Contain("It asks for 3 beta.furiosa.ai/npu, and Node 'node-1' never has more than 2 as it is."));
    }

    [Test]
    public async Task A_Pod_that_has_its_NPUs_and_does_not_start_is_told_with_what_it_waits_for(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("next", 1, "Pending", new JsonObject { ["nodeName"] = CheckedCluster.NodeName }, JsonNode.Parse("""
            {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]}
            """)!.AsObject());

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning pending-pods: Pod 'default/next' has got its NPUs on Node 'node-1', and does not run yet. | ImagePullBackOff: Back-off"));
    }

    [Test]
    public async Task Pods_that_wait_for_something_else_or_elsewhere_are_left_out(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddPodAsync("no-npu", 0, "Pending");
        await cluster.AddPodAsync("elsewhere", 1, "Pending", new JsonObject { ["nodeName"] = "node-2" });
        await cluster.AddPodAsync("daemon", 1, "Pending", Affinity(
            """{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-2"]}]}"""));

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo("Ok pending-pods: No Pod waits for NPUs."));
    }

    [Test]
    public async Task Of_many_Pods_ten_are_told_and_how_many_there_are_besides(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        for (var pod = 0; pod < 12; pod++)
            await cluster.AddPodAsync($"next-{pod}", 1, "Pending");

        Assert.That(await cluster.DoctorAsync(), Has.Exactly(10).Contains("' waits for 1 ").And.One.Contain("2 more Pods wait for NPUs."));
    }

    private static JsonObject Affinity(string terms) => JsonNode.Parse(
        "{\"affinity\": {\"nodeAffinity\": {\"requiredDuringSchedulingIgnoredDuringExecution\": {\"nodeSelectorTerms\": [" + terms + "]}}}}")!.AsObject();

    private static JsonObject Unschedulable(string message) => new()
    {
        ["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "False",
            ["reason"] = "Unschedulable",
            ["message"] = message,
        }),
    };

    private static Task HoldAsync(CheckedCluster cluster, string pod, CancellationToken token, params string[] cards)
    {
        cluster.Kubelet.Add(pod, "npu", (CheckedCluster.Resource, cards));
        return cluster.Kubelet.StartAsync(token);
    }
}
