using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Agent;

/// <summary>A node whose agent is told what to do by a file, beside a kubelet.</summary>
internal sealed class AgentNode : IAsyncDisposable
{
    public const string Resource = "beta.furiosa.ai/npu";

    private readonly TemporaryFolder _plugins = new();
    private readonly TemporaryFolder _features = new();
    private readonly TemporaryFolder _config = new();
    private IHost? _host;
    private HttpClient? _client;

    public AgentNode() => Kubelet = new FakeKubelet(_plugins.Path, KubeletVersion.V1_20, TimeProvider.System);

    public HostTree Host { get; } = new();

    public FakeKubelet Kubelet { get; }

    public LogSink Log { get; } = new();

    public string FeaturesFolder => _features.Path;

    public string FeatureFile => _features.At("npu-feature-discovery");

    public string ConfigFile => _config.At("agent.yaml");

    /// <summary>A configuration in which all parts run, with more keys in their sections.</summary>
    public string Config(string label = "", string plugin = "", string metrics = "", string agent = "", string output = "file") => $"""
        address: 127.0.0.1:0
        {agent}
        label:
          output: {output}
          {(output == "file" ? $"featuresDir: {_features.Path}" : "")}
          {label}
        devicePlugin:
          pluginDir: {_plugins.Path}
          {plugin}
        metrics:
          podResources: "off"
          {metrics}
        """;

    public async Task StartAsync(string config, CancellationToken token)
    {
        await Kubelet.StartAsync(token);
        await File.WriteAllTextAsync(ConfigFile, config, token);
        var context = new AgentContext("npu-001", TextWriter.Null, _ => null);
        var reader = new AgentFileReader(ConfigFile, context);
        var configuration = reader.Read();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(Log);
        builder.Services.AddSingleton(Host.Root);
        builder.Services.AddNpuEndpoint(endpoint => endpoint.Address = EndpointAddress.Parse(configuration.Address));
        builder.Services.AddNpuAgent(configuration, context, reader);
        _host = builder.Build();
        await _host.StartAsync(token);
        _client = new HttpClient { BaseAddress = new Uri($"http://{Get<EndpointService>().BoundAddress}") };
    }

    public T Get<T>() where T : notnull => _host!.Services.GetRequiredService<T>();

    /// <summary>Replaces the file as an editor does.</summary>
    public void Change(string config)
    {
        File.WriteAllText($"{ConfigFile}.new", config);
        File.Move($"{ConfigFile}.new", ConfigFile, overwrite: true);
    }

    public async Task<string> GetAsync(string path, CancellationToken token)
    {
        using var response = await _client!.GetAsync(path, token);
        return await response.Content.ReadAsStringAsync(token);
    }

    /// <summary>Asks until the answer is what is waited for.</summary>
    public async Task<string> GetUntilAsync(string path, Func<string, bool> isEnough, CancellationToken token)
    {
        while (true)
        {
            var text = await GetAsync(path, token);
            if (isEnough(text))
                return text;
        }
    }

    /// <summary>The value of a series without labels, or with those that are given; null where it is not shown.</summary>
    public static double? Value(string metrics, string series) => metrics.Split('\n')
        .Where(line => line.StartsWith(series + ' ', StringComparison.Ordinal))
        .Select(line => (double?)double.Parse(line[(series.Length + 1)..])).FirstOrDefault();

    public Task<KubeletState> OffersAsync(int allocatable, CancellationToken token) => Kubelet.WaitForAsync(
        state => state.Resource(Resource) is { LiveStreams: > 0 } resource && resource.Allocatable == allocatable, token);

    /// <summary>Waits until the feature file has a line.</summary>
    public async Task FileHasAsync(string line, CancellationToken token) => await GetUntilAsync(
        "/livez", _ => File.Exists(FeatureFile) && File.ReadAllLines(FeatureFile).Contains(line), token);

    public Task WaitForLogAsync(string text, CancellationToken token) =>
        Log.WaitForAsync(entry => entry.Message.Contains(text, StringComparison.Ordinal), token);

    public async Task StopAsync(CancellationToken token)
    {
        if (_host is not null)
            await _host.StopAsync(token);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await StopAsync(CancellationToken.None);
        _host?.Dispose();
        await Kubelet.DisposeAsync();
        Log.Dispose();
        Host.Dispose();
        _plugins.Dispose();
        _features.Dispose();
        _config.Dispose();
    }
}
