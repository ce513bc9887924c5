using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Status;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Pods;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

/// <summary>A node with a kubelet, and a program on it that does all that a status tells of.</summary>
internal sealed class StatusNode : IAsyncDisposable
{
    public const string Resource = "beta.furiosa.ai/npu";

    private readonly TemporaryFolder _plugins = new();
    private readonly TemporaryFolder _features = new();
    private IHost? _host;
    private HttpClient? _client;

    public StatusNode() => Kubelet = new FakeKubelet(_plugins.Path, KubeletVersion.V1_20, TimeProvider.System);

    public HostTree Host { get; } = new();

    public FakeKubelet Kubelet { get; }

    public PodResourcesServer Pods { get; } = new();

    public ScriptedParts Parts { get; } = new();

    public LogSink Log { get; } = new();

    public Uri Address { get; private set; } = new("http://none");

    public T Get<T>() where T : notnull => _host!.Services.GetRequiredService<T>();

    /// <summary>Starts the program, beside a kubelet that runs unless it is told otherwise.</summary>
    public async Task StartAsync(
        CancellationToken token, HostRoot? root = null, bool withKubelet = true, Action<EndpointOptions>? endpoint = null)
    {
        if (withKubelet)
        {
            await Kubelet.StartAsync(token);
            await Pods.StartAsync(token);
        }

        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(Log);
        builder.Services.AddSingleton(root ?? Host.Root);
        builder.Services.AddNpuEndpoint(options => options.Address = EndpointAddress.Parse("127.0.0.1:0"));
        builder.Services.Configure(endpoint ?? (_ => { }));
        builder.Services.AddSingleton<IStatusParts>(provider => Parts.Of(provider));
        builder.Services.AddStatus("npu-001");
        // A busy machine must not take a slow read for one that hangs.
        builder.Services.AddNpuDevices(devices => devices.ReadDeadline = TimeSpan.FromSeconds(10));
        builder.Services.AddNpuLabels();
        builder.Services.Configure<FeatureFileOptions>(file => file.FeaturesDirectory = _features.Path);
        builder.Services.AddNpuDevicePlugin(plugin => plugin.PluginDirectory = _plugins.Path);
        builder.Services.AddNpuMetrics();
        builder.Services.Configure<PodResourcesOptions>(pods => pods.SocketPath = Pods.SocketPath);
        _host = builder.Build();
        await _host.StartAsync(token);
        Address = new Uri($"http://{Get<EndpointService>().BoundAddress}");
        _client = new HttpClient { BaseAddress = Address };
        await Log.WaitForAsync(entry => entry.EventName == "Published", token);
        await Log.WaitForAsync(entry => entry.EventName == (withKubelet ? "Ready" : "Fault"), token);
    }

    public async Task<(int Status, string Text)> GetAsync(string path, CancellationToken token)
    {
        using var response = await _client!.GetAsync(path, token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(token));
    }

    public async Task<JsonNode> StatusAsync(CancellationToken token)
    {
        var (status, text) = await GetAsync("/status.json", token);
        Assert.That(status, Is.EqualTo(200), text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>A status as a text to be read: times and places of this test alone are replaced.</summary>
    public string TextOf(JsonNode status)
    {
        status["program"]!["version"] = "VERSION";
        status["program"]!["uptimeSeconds"] = 0;
        status["snapshot"]!["checkedSecondsAgo"] = 0;
        // The parts log beside each other.
        status["lastProblems"] = new JsonArray([.. status["lastProblems"]!.AsArray()
            .OrderBy(problem => (string?)problem!["message"], StringComparer.Ordinal).Select(problem => problem!.DeepClone())]);
        var text = status.ToJsonString(new JsonSerializerOptions
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        return System.Text.RegularExpressions.Regex.Replace(text, @"""\d{4}-\d\d-\d\dT[\d:.]+Z""", "\"2026-01-01T00:00:00Z\"")
            .Replace(_plugins.Path, "PLUGINS", StringComparison.Ordinal).Replace(_features.Path, "FEATURES", StringComparison.Ordinal)
            .Replace(Repository.Root, "ROOT", StringComparison.Ordinal) + "\n";
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is { } host)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await host.StopAsync(deadline.Token);
            host.Dispose();
        }

        _client?.Dispose();
        await Kubelet.DisposeAsync();
        await Pods.DisposeAsync();
        Host.Dispose();
        Log.Dispose();
        _plugins.Dispose();
        _features.Dispose();
    }

    /// <summary>The parts that a test says there are, over the services of the program.</summary>
    internal sealed class ScriptedParts : IStatusParts
    {
        private HostParts? _host;

        public IReadOnlyList<PartState> All { get; set; } = [];

        public T? Find<T>() where T : class => _host!.Find<T>();

        public ScriptedParts Of(IServiceProvider services)
        {
            _host = new HostParts(services);
            return this;
        }
    }
}
