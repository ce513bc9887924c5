using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>As many Nodes as a large cluster has, on a real API server, which counts what it is asked for itself.</summary>
[Category("Cluster")]
[NonParallelizable]
[CancelAfter(240_000)]
public sealed class NodeScaleTests : IAsyncDisposable
{
    private const int Count = 2000;
    private const int Concurrency = 16;
    private const int MaxAttempts = 5;

    private readonly ManualTimeProvider _time = new();
    private RealKubernetesApi _server = null!;
    private KubernetesClient _admin = null!;
    private KubernetesClient _client = null!;

    private string Mark => $"npu-feature-discovery-test={_server.TestNamespace}";

    [SetUp]
    public async Task StartAsync()
    {
        if (RealKubernetesApi.Missing is { } reason)
            Assert.Ignore(reason);

        _server = await RealKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);
        _admin = new KubernetesClient(_server.Admin, TimeProvider.System);
        _client = new KubernetesClient(await _server.AddAccountAsync(ApiRule.PatchNodes), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _admin?.Dispose();
        if (_server is null)
            return;

        await _server.DeleteNodesAsync(Mark);
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Two_thousand_Nodes_are_labelled_once_and_then_not_written_to(CancellationToken token)
    {
        var names = Enumerable.Range(0, Count).Select(index => $"{_server.TestNamespace}-n{index}").ToArray();
        await ForAllAsync(names, name => CreateAsync(name, token), token);
        var labels = LabelEngine.Create(Nodes.Of(Nodes.Warboy(0), Nodes.Warboy(1)), new LabelOptions());
        var sinks = names.Select(name => new NodeSink(new NodeSinkOptions { NodeName = name }, _client, _time)).ToArray();

        var first = await PublishAsync(sinks, labels, token);
        Assert.That(first.Results, Is.EqualTo(new Dictionary<PublishResult, int> { [PublishResult.Written] = Count }));
        Report("read and apply", first.Times);

        // At the next interval nothing is asked; at the resync each Node is read, by an empty patch, and none is written to.
        Assert.That(await RoundAtRestAsync(isResync: false), Is.EqualTo((Patches: 0, Applies: 0)));
        Assert.That(await RoundAtRestAsync(isResync: true), Is.EqualTo((Patches: Count, Applies: 0)));
        Assert.That(sinks.Select(sink => sink.Publication!.State), Has.All.EqualTo(LabelPublicationState.InForce));

        // Others may use the API server too: a round that they leave alone will come.
        async Task<(int Patches, int Applies)> RoundAtRestAsync(bool isResync)
        {
            for (var attempt = 1; ; attempt++)
            {
                if (isResync)
                    _time.Advance(TimeSpan.FromMinutes(12));

                var before = await CountsAsync();
                var round = await PublishAsync(sinks, labels, token);
                var after = await CountsAsync();
                Assert.That(round.Results.Keys, Is.EqualTo([PublishResult.Unchanged]));
                var growth = (Patches: after.Patches - before.Patches, Applies: after.Applies - before.Applies);
                Report($"PATCH +{growth.Patches}, APPLY +{growth.Applies}", round.Times);
                if (growth == (isResync ? Count : 0, 0) || attempt == MaxAttempts)
                    return growth;
            }
        }
    }

    private Task<JsonElement> CreateAsync(string name, CancellationToken token) => TestNode.CreateAsync(
        _admin, KubernetesResource.Nodes.Named(name), token,
        new JsonObject { ["labels"] = new JsonObject { [Mark.Split('=')[0]] = Mark.Split('=')[1] } });

    private static async Task<(Dictionary<PublishResult, int> Results, double[] Times)> PublishAsync(
        NodeSink[] sinks, LabelSet labels, CancellationToken token)
    {
        var results = new ConcurrentBag<PublishResult>();
        var times = new ConcurrentBag<double>();
        await ForAllAsync(sinks, async sink =>
        {
            var start = Stopwatch.GetTimestamp();
            results.Add(await sink.PublishAsync(labels, token));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }, token);
        return (results.CountBy(result => result).ToDictionary(), [.. times.Order()]);
    }

    private static Task ForAllAsync<T>(T[] all, Func<T, Task> act, CancellationToken token) => Parallel.ForEachAsync(
        all, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = token }, async (one, _) => await act(one));

    private static void Report(string what, double[] times) => TestContext.Out.WriteLine(
        $"{what}: {times.Length} Nodes, {Concurrency} at a time: p50 {times[times.Length / 2]:0.0} ms, p99 {times[times.Length * 99 / 100]:0.0} ms");

    /// <summary>
    /// Patches and applies of Nodes, without those of Kubernetes' own controllers, whose language is Protobuf:
    /// <c>apiserver_request_total{code="200",contentType="application/json",resource="nodes",verb="APPLY",...} 17</c>.
    /// </summary>
    private async Task<(int Patches, int Applies)> CountsAsync()
    {
        var lines = (await _server.GetTextAsync("/metrics")).Split('\n').Where(line =>
            line.StartsWith("apiserver_request_total{", StringComparison.Ordinal) && line.Contains("resource=\"nodes\"")
            && !line.Contains("protobuf")).ToArray();
        return (Sum("PATCH"), Sum("APPLY"));

        int Sum(string verb) => lines.Where(line => line.Contains($"verb=\"{verb}\""))
            .Sum(line => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }
}
