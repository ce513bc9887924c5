using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;
using NpuFeatureDiscovery.Metrics.Tests.Endpoint;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

/// <summary>The endpoint of a host with NPUs beside a kubelet. Its clock stands still, so that no deadline passes by itself.</summary>
internal sealed class NpuScrapeHost : IAsyncDisposable
{
    private EndpointHost? _endpoint;

    public HostTree Host { get; } = new();

    public PodResourcesServer Kubelet { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    /// <summary>A card that hangs costs this much real time once; a busy machine must not be taken for one.</summary>
    public NpuMetricsOptions Options { get; } = new() { DeviceTimeout = TimeSpan.FromSeconds(3), PodLabels = true };

    public int Scrapes { get; private set; }

    public IEnumerable<string> Warnings => _endpoint!.Log.Messages(Microsoft.Extensions.Logging.LogLevel.Warning);

    /// <summary>Starts it, and waits until the cards are known.</summary>
    public async Task StartAsync(CancellationToken token)
    {
        _endpoint = await EndpointHost.StartAsync(token, services => services
            .AddSingleton(Host.Root)
            .Configure<PodResourcesOptions>(pods => pods.SocketPath = Kubelet.SocketPath)
            .AddNpuMetrics(metrics =>
            {
                (metrics.DeviceTimeout, metrics.PodLabels, metrics.Pods) = (Options.DeviceTimeout, Options.PodLabels, Options.Pods);
                (metrics.Utilization, metrics.Profiles, metrics.NodeName) = (Options.Utilization, Options.Profiles, Options.NodeName);
            }), Time);
        var monitor = _endpoint.Get<NpuFeatureDiscovery.Devices.DeviceMonitor>();
        await foreach (var _ in monitor.WatchAsync(token))
            return;
    }

    /// <summary>The series of one scrape.</summary>
    public async Task<string[]> ScrapeAsync(CancellationToken token)
    {
        Scrapes++;
        var (_, text) = await _endpoint!.GetAsync("/metrics", token);
        return [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
    }

    /// <summary>Scrapes until what is waited for is there.</summary>
    public async Task<string[]> ScrapeUntilAsync(Func<string[], bool> isEnough, CancellationToken token)
    {
        while (true)
        {
            var series = await ScrapeAsync(token);
            if (isEnough(series))
                return series;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _endpoint?.Dispose();
        await Kubelet.DisposeAsync();
        Host.Dispose();
    }
}
