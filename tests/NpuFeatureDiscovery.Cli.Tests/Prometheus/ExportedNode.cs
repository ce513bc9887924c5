using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>A copy of a sample node, its kubelet that tells who holds the cards, and the exporter that shows both.</summary>
internal sealed class ExportedNode : IAsyncDisposable
{
    private readonly Daemon _exporter;

    private ExportedNode(HostTree host, PodResourcesServer kubelet, Daemon exporter) =>
        (Host, Kubelet, _exporter) = (host, kubelet, exporter);

    public HostTree Host { get; }

    public PodResourcesServer Kubelet { get; }

    /// <summary>Where the exporter serves.</summary>
    public required string Address { get; init; }

    /// <summary>Starts the exporter, with utilization, at a free port of an address.</summary>
    public static async Task<ExportedNode> StartAsync(string sample, string address, string profile, CancellationToken token)
    {
        var host = await CopyAsync(sample, token);
        var kubelet = new PodResourcesServer();
        await kubelet.StartAsync(token);
        var exporter = new Daemon(
        [
            "metrics-exporter", "--root", host.Path, "--address", $"{address}:0", "--profile", profile, "--interval", "1",
            "--pod-resources", kubelet.SocketPath, "--device-timeout", "3s", "--enable-npu-utilization",
        ]);
        var line = await exporter.WaitForAsync("Serving /metrics", token);
        return new ExportedNode(host, kubelet, exporter) { Address = line[(line.LastIndexOf(' ') + 1)..] };
    }

    /// <summary>Has the first sensor of a name show another value.</summary>
    public void SetSensor(string label, long value)
    {
        var labelFile = Directory.GetDirectories(Host.At("/sys/class/hwmon")).Order(StringComparer.Ordinal)
            .SelectMany(folder => Directory.GetFiles(folder, "*_label")).First(file => File.ReadAllText(file).Trim() == label);
        var valueFile = labelFile.Replace("_label", "_input", StringComparison.Ordinal);
        if (!File.Exists(valueFile))
            valueFile = labelFile.Replace("_label", "_average", StringComparison.Ordinal);

        Host.Write(valueFile[Host.Path.Length..], $"{value}\n");
    }

    /// <summary>The exporter's whole text, in OpenMetrics as Prometheus asks for it or in Prometheus' own.</summary>
    public async Task<string> ScrapeAsync(bool isOpenMetrics, CancellationToken token)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{Address}/metrics");
        request.Headers.Add("Accept", isOpenMetrics ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4");
        using var response = await client.SendAsync(request, token);
        return await response.Content.ReadAsStringAsync(token);
    }

    public Task EndExporterAsync(CancellationToken token) => _exporter.EndAsync("TERM", token);

    public async ValueTask DisposeAsync()
    {
        _exporter.Dispose();
        await Kubelet.DisposeAsync();
        Host.Dispose();
    }

    private static async Task<HostTree> CopyAsync(string sample, CancellationToken token)
    {
        var host = new HostTree();
        host.Delete("/sys");
        host.Delete("/dev");
        // With its links as they are.
        var result = await TheProgram.ShellAsync($"cp -a samples/nodes/{sample}/. {host.Path}", token);
        return result.ExitCode == 0 ? host : throw new IOException(result.Error);
    }
}
