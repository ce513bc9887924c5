using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>
/// The service that labels a Node of the test's own, on a clock that is moved by hand, and the way to its API server, which can be
/// cut.
/// </summary>
internal sealed class Outage : IAsyncDisposable
{
    private readonly HostTree _host = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LoopbackProxy _proxy;
    private readonly ConnectionAttempts _attempts;
    private readonly CardTree _second;
    private readonly CancellationToken _token;
    private KubernetesClient? _client;
    private ObservedSink? _sink;
    private IHost? _service;
    private IAsyncEnumerator<NodeReading>? _readings;

    private Outage(IKubernetesServer server, OnTheNode node, CancellationToken token)
    {
        (Node, _token) = (node, token);
        _proxy = new LoopbackProxy(server.Admin.Server);
        _attempts = new ConnectionAttempts(_proxy.Port);
        _host.AddWarboy(0);
        _second = _host.AddWarboy(1);
        _second.Unload();
    }

    public OnTheNode Node { get; }

    public LogSink Log { get; } = new();

    /// <summary>How often the service has tried to connect.</summary>
    public int Attempts => _attempts.Count;

    public static async Task<Outage> PrepareAsync(IKubernetesServer server, CancellationToken token) =>
        new(server, await OnTheNode.CreateAsync(server, token), token);

    /// <summary>How the publications after the first one ended; <see langword="null"/> for one that failed.</summary>
    public PublishResult?[] Ends => [.. _sink!.Ends.Skip(1)];

    /// <summary>Starts the service, with one card.</summary>
    /// <returns>What its first publication did.</returns>
    public async Task<PublishResult?> StartAsync(KubernetesConfiguration account)
    {
        _client = new KubernetesClient(_proxy.Front(account), TimeProvider.System);
        _sink = new ObservedSink(new NodeSink(new NodeSinkOptions { NodeName = Node.Name }, _client, _time));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(Log);
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<ILabelSink>(_sink).AddSingleton(_host.Root);
        builder.Services.AddNpuLabels();
        // A busy machine must not take a slow read for one that hangs.
        builder.Services.AddNpuDevices(devices => devices.ReadDeadline = TimeSpan.FromSeconds(10));
        _service = builder.Build();
        await _service.StartAsync(_token);
        _readings = _service.Services.GetRequiredService<DeviceMonitor>().WatchReadingsAsync(_token).GetAsyncEnumerator(_token);
        await _readings.MoveNextAsync();
        await _sink.Idle.WaitAsync(_token);
        return _sink.Ends.First();
    }

    public Task BeginAsync() => _proxy.CutAsync();

    public void End() => _proxy.Restore();

    /// <summary>Adds a second card, and lets so much time pass that the service learns of it.</summary>
    public async Task AddCardAsync()
    {
        _second.LoadWithoutNodes();
        var settle = TimeSpan.FromMilliseconds(100);
        await _time.AdvanceUntilWaitAsync(TimeSpan.FromSeconds(1), settle, _token);
        _time.Advance(settle);
        await _readings!.MoveNextAsync();
        await _sink!.Idle.WaitAsync(_token);
    }

    /// <summary>Lets time pass until something is so.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await PassAsync(TimeSpan.FromSeconds(1));
    }

    /// <summary>Lets time pass, no faster than the host is read and labels are published.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var second = 0; second < time.TotalSeconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _readings!.MoveNextAsync();
            await _sink!.Idle.WaitAsync(_token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_readings is not null)
            await _readings.DisposeAsync();
        if (_service is not null)
        {
            await _service.StopAsync(CancellationToken.None);
            _service.Dispose();
        }

        _client?.Dispose();
        _attempts.Dispose();
        await _proxy.DisposeAsync();
        Node.Dispose();
        _host.Dispose();
        Log.Dispose();
    }
}
