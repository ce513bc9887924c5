using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Metrics.Pods;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

public sealed class PodResourcesClientTests : IAsyncDisposable
{
    private const int Deadline = 30_000;

    private readonly PodResourcesServer _kubelet = new();
    private readonly PodResourcesOptions _options;
    private readonly Lazy<PodResourcesClient> _client;

    public PodResourcesClientTests()
    {
        // A busy machine must not be taken for a kubelet that hangs.
        _options = new PodResourcesOptions { SocketPath = _kubelet.SocketPath, Timeout = TimeSpan.FromSeconds(20) };
        _client = new Lazy<PodResourcesClient>(() => new PodResourcesClient(_options, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Value.Dispose();
        await _kubelet.DisposeAsync();
    }

    [TestCase("v1")]
    [TestCase("v1alpha1")]
    [CancelAfter(Deadline)]
    public async Task It_tells_who_holds_which_unit(string version, CancellationToken token)
    {
        _kubelet.Add("train", "main", ("beta.furiosa.ai/npu", ["B", "A_cores_1"]), ("cpu.example.com/x", ["C"]));
        _kubelet.Add("serve", "side");
        await _kubelet.StartAsync(token, version);

        Assert.That(await _client.Value.ListAsync(token), Is.EqualTo(
        [
            new Allocation(new UnitId("A", new CoreRange(1, 1)), "beta.furiosa.ai/npu", "default", "train", "main"),
            new Allocation(new UnitId("B"), "beta.furiosa.ai/npu", "default", "train", "main"),
        ]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_unit_at_two_numa_nodes_is_told_once(CancellationToken token)
    {
        _kubelet.Add("train", "main", ("furiosa.ai/rngd", ["A"]), ("furiosa.ai/rngd", ["A"]));
        await _kubelet.StartAsync(token);

        Assert.That(await _client.Value.ListAsync(token), Has.Exactly(1).Items);
    }

    [TestCase("beta.furiosa.ai/npu", true)]
    [TestCase("alpha.furiosa.ai/npu", true)]
    [TestCase("furiosa.ai/warboy-1core.8gb", true)]
    [TestCase("furiosa.aifoo/npu", false)]
    [TestCase("beta.furiosa.ai/npu2", false)]
    [CancelAfter(Deadline)]
    public async Task Resources_are_told_by_their_names(string resource, bool isNpu, CancellationToken token)
    {
        _kubelet.Add("train", "main", (resource, ["A"]));
        await _kubelet.StartAsync(token);

        Assert.That(await _client.Value.ListAsync(token), Has.Exactly(isNpu ? 1 : 0).Items);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task It_remembers_which_version_the_kubelet_speaks_until_that_changes(CancellationToken token)
    {
        await _kubelet.StartAsync(token, "v1alpha1");
        await _client.Value.ListAsync(token);
        await _client.Value.ListAsync(token);
        await _kubelet.StopAsync();
        await _kubelet.StartAsync(token, "v1");

        await UntilAnsweredAsync(token);

        Assert.That(_kubelet.Calls, Is.EqualTo(3));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_node_with_many_Pods_is_read(CancellationToken token)
    {
        for (var pod = 0; pod < 10_000; pod++)
            _kubelet.Add($"a-pod-of-a-job-with-a-rather-long-name-{pod}", "main", ("beta.furiosa.ai/npu", [new string('A', 400) + pod]));

        await _kubelet.StartAsync(token);

        Assert.That(_kubelet.AnswerSize, Is.GreaterThan(4 << 20));
        Assert.That(await _client.Value.ListAsync(token), Has.Exactly(10_000).Items);
    }

    [Test]
    public async Task A_missing_socket_is_told_by_its_path()
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => _client.Value.ListAsync(CancellationToken.None));

        Assert.That(failure!.Message, Does.Contain(_kubelet.SocketPath));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_kubelet_that_hangs_is_given_up(CancellationToken token)
    {
        _options.Timeout = TimeSpan.FromSeconds(1);
        await _kubelet.StartAsync(token, isHanging: true);

        var failure = await Assert.ThrowsAsync<GrpcException>(() => _client.Value.ListAsync(token));

        Assert.That(failure!.StatusCode, Is.EqualTo(GrpcStatusCode.DeadlineExceeded));
    }

    /// <summary>The connection to the kubelet that has gone may still look open at the first call.</summary>
    private async Task UntilAnsweredAsync(CancellationToken token)
    {
        while (true)
        {
            try
            {
                await _client.Value.ListAsync(token);
                return;
            }
            catch (GrpcException exception) when (exception.StatusCode == GrpcStatusCode.Unavailable)
            {
                token.ThrowIfCancellationRequested();
            }
        }
    }
}
