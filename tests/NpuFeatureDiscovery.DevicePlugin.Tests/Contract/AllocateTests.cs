using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>What the kubelet gets for a container, and what it is told where it gets nothing.</summary>
public sealed class AllocateTests : IAsyncDisposable
{
    private const string Resource = PluginUnderTest.Resource;
    private const int Deadline = 60_000;

    private readonly PluginUnderTest _plugin = new();
    private readonly List<CardTree> _cards = [];

    public ValueTask DisposeAsync() => _plugin.DisposeAsync();

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_container_gets_nodes_environment_and_annotation(CancellationToken token)
    {
        await using var kubelet = await StartAsync(1, token);

        var pod = await kubelet.AdmitAsync(Resource, 1, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(pod.Response.Devices, Is.EquivalentTo(
                _cards[0].Nodes.Select(node => new DeviceNode(node, node, "rw"))));
            Assert.That(pod.Response.Envs["NPU_DEVNAME"], Is.EqualTo("npu0pe0-1"));
            Assert.That(pod.Response.Annotations["alpha.furiosa.ai/npu.devname"], Is.EqualTo("npu0pe0-1"));
            Assert.That(pod.Response.Mounts, Is.Empty);
        }
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Pods_never_get_the_same_card_also_over_restarts(CancellationToken token)
    {
        await using var kubelet = await StartAsync(4, token);

        var first = await kubelet.AdmitAsync(Resource, 2, token);
        await kubelet.KillAsync();
        await kubelet.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 4, token, start: 2);
        await _plugin.StopAsync(token);
        await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 4, token, start: 2);
        var second = await kubelet.AdmitAsync(Resource, 2, token);

        Assert.That(first.DeviceIds.Concat(second.DeviceIds), Is.Unique.And.Exactly(4).Items);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_preferred_cards_are_those_of_one_numa_node(CancellationToken token)
    {
        await using var kubelet = await StartAsync(4, token);

        var pod = await kubelet.AdmitAsync(Resource, 2, token);

        // Every other card of the tree is at node 0.
        Assert.That(pod.Response.Envs["NPU_NPUNAME"], Is.EqualTo("npu0,npu2"));
    }

    [TestCase(AllocationPolicy.Packed, "npu0,npu1", "npu2,npu3")]
    [TestCase(AllocationPolicy.Spread, "npu0,npu4", "npu2,npu6")]
    [CancelAfter(Deadline)]
    public async Task Cards_are_packed_or_spread_over_switches_and_sockets(
        AllocationPolicy policy, string first, string second, CancellationToken token)
    {
        _plugin.Host.AddTwoSocketServer();
        _plugin.Options.CurrentValue.AllocationPolicy = policy;
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 8, token);

        var pods = new[] { await kubelet.AdmitAsync(Resource, 2, token), await kubelet.AdmitAsync(Resource, 2, token) };

        Assert.That(pods.Select(pod => pod.Response.Envs["NPU_NPUNAME"]), Is.EqualTo([first, second]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Another_policy_counts_from_the_next_allocation_on(CancellationToken token)
    {
        _plugin.Host.AddTwoSocketServer();
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 8, token);

        _plugin.Options.Set(new DevicePluginOptions
        {
            PluginDirectory = _plugin.Options.CurrentValue.PluginDirectory,
            AllocationPolicy = AllocationPolicy.Spread,
        });
        var pod = await kubelet.AdmitAsync(Resource, 2, token);

        Assert.That(pod.Response.Envs["NPU_NPUNAME"], Is.EqualTo("npu0,npu4"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Each_container_of_a_call_is_answered(CancellationToken token)
    {
        await using var kubelet = await StartAsync(2, token);
        var ids = kubelet.State.Resource(Resource).HealthyIds;

        var responses = await kubelet.AllocateContainersAsync(Resource, [[ids[1]], [ids[0]]], token);

        Assert.That(responses.Select(response => response.Envs["NPU_NPUNAME"]), Is.EqualTo(["npu1", "npu0"]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_same_device_can_be_allocated_again(CancellationToken token)
    {
        await using var kubelet = await StartAsync(1, token);
        var id = kubelet.State.Resource(Resource).HealthyIds[0];

        var first = await kubelet.AllocateAsync(Resource, [id], token);
        var again = await kubelet.AllocateAsync(Resource, [id], token);

        Assert.That(again.Envs, Is.EquivalentTo(first.Envs));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_device_that_is_not_known_is_an_invalid_argument(CancellationToken token)
    {
        await using var kubelet = await StartAsync(1, token);

        var failure = await FailureAsync(() => kubelet.AllocateAsync(Resource, ["nobody"], token));

        Assert.That(failure.StatusCode, Is.EqualTo(GrpcStatusCode.InvalidArgument));
        Assert.That(failure.Message, Does.Contain("'nobody'").And.Contain("Create the Pod anew"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task An_unhealthy_device_is_a_failed_precondition_with_the_reason(CancellationToken token)
    {
        await using var kubelet = await StartAsync(1, token);
        var id = kubelet.State.Resource(Resource).HealthyIds[0];
        _cards[0].Set("alive", "0\n");
        await PluginUnderTest.OffersAsync(kubelet, 0, token);

        var failure = await FailureAsync(() => kubelet.AllocateAsync(Resource, [id], token));

        Assert.That(failure.StatusCode, Is.EqualTo(GrpcStatusCode.FailedPrecondition));
        Assert.That(failure.Message, Does.Contain($"'{id}' (npu0)").And.Contain("alive is 0"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_malformed_or_unknown_call_gets_its_status_and_the_connection_lives(CancellationToken token)
    {
        await using var kubelet = await StartAsync(1, token);

        var malformed = await FailureAsync(() => kubelet.CallAsync(Resource, "Allocate", "\u00ff\u00ff"u8.ToArray(), token));
        var unknown = await FailureAsync(() => kubelet.CallAsync(Resource, "Deallocate", Array.Empty<byte>(), token));
        var oversize = await FailureAsync(() => kubelet.CallAsync(Resource, "Allocate", new byte[5 << 20], token));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(malformed.StatusCode, Is.EqualTo(GrpcStatusCode.Internal));
            Assert.That(unknown.StatusCode, Is.EqualTo(GrpcStatusCode.Unimplemented));
            Assert.That(oversize.StatusCode, Is.EqualTo(GrpcStatusCode.ResourceExhausted));
            Assert.That(kubelet.State.Resource(Resource).LiveStreams, Is.EqualTo(1));
        }

        await kubelet.AdmitAsync(Resource, 1, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_preference_is_always_told(CancellationToken token)
    {
        await using var kubelet = await StartAsync(2, token);
        var ids = kubelet.State.Resource(Resource).HealthyIds;

        Assert.That(
            await kubelet.GetPreferredAllocationAsync(Resource, [.. ids, "nobody"], [ids[1]], 2, token), Is.EqualTo([ids[1], ids[0]]));
        Assert.That(await kubelet.GetPreferredAllocationAsync(Resource, [], [], 3, token), Is.Empty);
    }

    private static async Task<GrpcException> FailureAsync(Func<Task> call) => (await Assert.ThrowsAsync<GrpcException>(call))!;

    private async Task<FakeKubelet> StartAsync(int cards, CancellationToken token)
    {
        _cards.AddRange(Enumerable.Range(0, cards).Select(index => _plugin.Host.AddWarboy(index)));
        var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, cards, token);
        return kubelet;
    }
}
