using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

/// <summary>What <c>/status.json</c> says.</summary>
[CancelAfter(120_000)]
public sealed class StatusTests : IAsyncDisposable
{
    private const string Npu0 = "1B2E6C4D-0000-4A7F-9C31-000000000000";

    private readonly StatusNode _node = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Test]
    public async Task Of_a_sample_node_it_is_the_text_that_was_agreed_to([Values("mixed", "degraded")] string sample, CancellationToken token)
    {
        var root = new HostRoot(Repository.At($"samples/nodes/{sample}"));
        _node.Parts.All = [new PartState("label", DateTimeOffset.UnixEpoch, null, 0), new PartState("metrics", DateTimeOffset.UnixEpoch, "no", 2)];
        _node.Pods.Add("train", "main", (StatusNode.Resource, [FirstUuid(root)]));
        await _node.StartAsync(token, root);

        var status = await UntilAsync(status => status["labels"]!["succeededAt"] is not null, token);

        Assert.That(VerifiedText.Difference(_node.TextOf(status), $"status.{sample}"), Is.Null);
    }

    [Test]
    public async Task A_card_that_dies_is_told_with_reason_and_time(CancellationToken token)
    {
        var card = _node.Host.AddWarboy(0);
        await _node.StartAsync(token);
        var before = await _node.StatusAsync(token);

        card.Set("alive", "0\n");
        var dead = await UntilAsync(status => (string?)Device(status)["card"]!["health"] == "unhealthy", token);

        Assert.That((string?)Device(before)["card"]!["health"], Is.EqualTo("healthy"));
        Assert.That((string?)Device(dead)["card"]!["healthReason"], Is.Not.Empty);
        Assert.That((DateTime)Device(dead)["healthSince"]!, Is.GreaterThan((DateTime)Device(before)["healthSince"]!));
        Assert.That((long)dead["snapshot"]!["generation"]!, Is.GreaterThan((long)before["snapshot"]!["generation"]!));
    }

    [Test]
    public async Task Warnings_of_the_log_are_among_the_last_problems(CancellationToken token)
    {
        await _node.StartAsync(token, withKubelet: false);

        var status = await _node.StatusAsync(token);

        Assert.That(status["lastProblems"]!.AsArray().Select(problem => (string)problem!["message"]!),
            Has.Some.StartWith("beta.furiosa.ai/npu: the kubelet does not run: its socket is missing"));
        Assert.That((string?)status["devicePlugin"]!["resources"]![0]!["fault"], Is.EqualTo("the kubelet does not run: its socket is missing"));
    }

    [Test]
    public async Task A_kubelet_that_does_not_tell_leaves_the_rest(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(token, withKubelet: false);

        var status = await _node.StatusAsync(token);

        Assert.That((string?)status["allocations"]!["failure"], Is.Not.Empty);
        Assert.That(status["allocations"]!["units"], Is.Null);
        Assert.That((string?)Device(status)["card"]!["name"], Is.EqualTo("npu0"));
    }

    [Test]
    public async Task A_card_that_hangs_is_told_within_the_endpoint_s_deadline(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        _node.Host.AddWarboy(1).Hang("heartbeat");
        _node.Pods.Add("train", "main", (StatusNode.Resource, [Npu0]));
        await _node.StartAsync(token);

        var status = await _node.StatusAsync(token);

        Assert.That(status["devices"]!.AsArray().Select(device => (string?)device!["readingFailure"]),
            Is.EqualTo((string?[])[null, $"{_node.Host.At("/sys/class/npu_mgmt/npu1_mgmt/heartbeat")} cannot be read: no answer within 1 s"]));
        Assert.That((long?)status["devices"]![0]!["card"]!["uptimeSeconds"], Is.EqualTo(14649));
    }

    [Test]
    public async Task It_is_shown_only_to_those_with_credentials_where_there_are_any(CancellationToken token)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("token"), "secret", token);
        await _node.StartAsync(token, endpoint: options => options.BearerTokenFile = folder.At("token"));

        Assert.That((await _node.GetAsync("/status.json", token)).Status, Is.EqualTo(401));
        Assert.That((await _node.GetAsync("/", token)).Status, Is.EqualTo(401));
    }

    private static JsonNode Device(JsonNode status) => status["devices"]![0]!;

    private static string FirstUuid(HostRoot root)
    {
        using var reader = new NodeReader(root);
        return reader.Read().Devices.First(device => device.Uuid is not null).Uuid!;
    }

    private async Task<JsonNode> UntilAsync(Func<JsonNode, bool> predicate, CancellationToken token)
    {
        while (true)
        {
            var status = await _node.StatusAsync(token);
            if (predicate(status))
                return status;
        }
    }
}
