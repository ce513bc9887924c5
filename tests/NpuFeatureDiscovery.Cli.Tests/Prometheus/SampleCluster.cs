using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>
/// Two nodes, their exporters, and a Prometheus that scrapes them by the configuration and rules of <c>samples/prometheus</c>.
/// Pods hold two of the four cards, which are at work.
/// </summary>
internal sealed class SampleCluster : IAsyncDisposable
{
    public const string MixedWarboy = "000A8CCA-F2F6-466A-9DF9-0C1732BD2AEB";
    public const string FreeRngd = "7AD3AE60-A2B7-4C53-841B-8A2EDE26E2BB";
    public const string SharedWarboy = "57438306-3AEC-4618-9A63-B7FB30E79D83";
    public const string FreeWarboy = "2D4B7658-D38A-4560-9A19-6997C0282627";

    private const string Resource = "beta.furiosa.ai/npu";

    private readonly List<IAsyncDisposable> _parts = [];

    private SampleCluster()
    {
    }

    /// <summary>A Warboy and an RNGD, both called npu0: a Pod holds the Warboy.</summary>
    public ExportedNode Mixed { get; private set; } = null!;

    /// <summary>Two Warboys: the cores of npu0 are held by a Pod each, npu1 is free.</summary>
    public ExportedNode Warboys { get; private set; } = null!;

    public PrometheusServer Prometheus { get; private set; } = null!;

    public static async Task<SampleCluster> StartAsync(CancellationToken token)
    {
        PromTool.IgnoreWhereMissing();
        var cluster = new SampleCluster();
        try
        {
            // The sample configuration takes the address without the port for the node.
            cluster.Mixed = cluster.Add(await ExportedNode.StartAsync("mixed", "127.0.0.1", "base-units", token));
            cluster.Warboys = cluster.Add(await ExportedNode.StartAsync("warboy-2", "127.0.0.2", "base-units", token));
            cluster.Add(new BusyCores(cluster.Mixed.Host, "npu0"));
            cluster.Add(new BusyCores(cluster.Warboys.Host, "npu0"));
            cluster.Mixed.Kubelet.Add("serving", "main", (Resource, [MixedWarboy]));
            cluster.Warboys.Kubelet.Add("left", "main", (Resource, [$"{SharedWarboy}_cores_0"]));
            cluster.Warboys.Kubelet.Add("right", "main", (Resource, [$"{SharedWarboy}_cores_1"]));
            cluster.Prometheus = await PrometheusServer.StartAsync(
                Configuration(cluster.Mixed.Address, cluster.Warboys.Address), token);
            await cluster.Prometheus.UntilAsync(
                "furiosa_npu_allocation_info and on () count(rate(furiosa_npu_core_busy_seconds_total[1m]) > 0.1) == 4",
                samples => samples.Count == 3, token);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The sample configuration with other targets, and every second.</summary>
    private static string Configuration(string first, string second) => File.ReadAllText(Repository.At("samples/prometheus/prometheus.yml"))
        .Replace("npu-node-1.example.com:6254", first, StringComparison.Ordinal)
        .Replace("npu-node-2.example.com:6254", second, StringComparison.Ordinal)
        .Replace("15s", "1s", StringComparison.Ordinal)
        .Replace("rules/", Repository.At("samples/prometheus/rules/"), StringComparison.Ordinal);

    /// <summary>A Pod that holds a unit as well.</summary>
    public static void Hold(ExportedNode node, string pod, string id) => node.Kubelet.Add(pod, "main", (Resource, [id]));

    public async ValueTask DisposeAsync()
    {
        Prometheus?.Dispose();
        foreach (var part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
    }

    private T Add<T>(T part) where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
