using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;
using NpuFeatureDiscovery.Metrics.Tests.Endpoint;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests;

[CancelAfter(60_000)]
public sealed class NpuMetricsServiceCollectionExtensionsTests : IDisposable
{
    private readonly HostTree _host = new();

    public void Dispose() => _host.Dispose();

    [Test]
    public async Task Without_a_kubelet_an_exporter_is_ready_and_says_what_is_missing(CancellationToken token)
    {
        using var endpoint = await StartAsync(pods: true, token);

        await endpoint.GetAsync("/metrics", token);

        var (status, text) = await endpoint.GetAsync("/readyz", token);
        Assert.That(status, Is.EqualTo(200));
        Assert.That(text, Does.StartWith("[+] devices\n[+] pod-resources: ").And.Contain(_host.At("/kubelet.sock")));
    }

    [Test]
    public async Task A_folder_of_the_kubelet_that_is_not_mounted_is_told_without_a_scrape(CancellationToken token)
    {
        using var endpoint = await StartAsync(pods: true, token, folder: "/pod-resources");

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200,
            $"[+] devices\n[+] pod-resources: '{_host.At("/pod-resources")}' is missing, where the kubelet has its socket. "
                + "Mount it into the container, read-only, or set '--pod-resources off'.\n")));
    }

    [Test]
    public async Task Who_does_not_want_the_Pods_is_not_told_of_them(CancellationToken token)
    {
        using var endpoint = await StartAsync(pods: false, token);

        await endpoint.GetAsync("/metrics", token);

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200, "[+] devices\n[+] pod-resources\n")));
    }

    [TestCase(1, 1)]
    [TestCase(3, 2.25)]
    public void A_card_has_less_time_than_the_scrape(double timeout, double expected)
    {
        using var services = new ServiceCollection()
            .AddNpuEndpoint(endpoint => endpoint.Address = EndpointAddress.Parse(":0"))
            .AddNpuMetrics(metrics => metrics.DeviceTimeout = TimeSpan.FromSeconds(timeout))
            .BuildServiceProvider();

        Assert.That(services.GetRequiredService<IOptions<NpuMetricsOptions>>().Value.DeviceTimeout,
            Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }

    private async Task<EndpointHost> StartAsync(bool pods, CancellationToken token, string folder = "")
    {
        var endpoint = await EndpointHost.StartAsync(token, services => services
            .AddSingleton(_host.Root)
            .Configure<PodResourcesOptions>(options => options.SocketPath = _host.At($"{folder}/kubelet.sock"))
            .AddNpuMetrics(metrics => metrics.Pods = pods));
        await foreach (var _ in endpoint.Get<DeviceMonitor>().WatchReadingsAsync(token))
            break;

        return endpoint;
    }
}
