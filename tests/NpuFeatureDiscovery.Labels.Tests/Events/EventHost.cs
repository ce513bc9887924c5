using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Events;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Events;

/// <summary>A host that writes Events of <c>node-7</c>, by an account that may do just what it is told.</summary>
internal sealed class EventHost : IAsyncDisposable
{
    private readonly IKubernetesServer _server;
    private readonly KubernetesClient _admin;
    private readonly KubernetesClient _client;
    private IHost? _service;

    private EventHost(IKubernetesServer server, KubernetesConfiguration account)
    {
        _server = server;
        _admin = new KubernetesClient(server.Admin, TimeProvider.System);
        _client = new KubernetesClient(account, TimeProvider.System);
    }

    public HostTree Tree { get; } = new();

    public LogSink Log { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public IEnumerable<LogEntry> Written => Log.Entries.Where(entry => entry.EventName == "Written");

    public static async Task<EventHost> CreateAsync(IKubernetesServer server, params ApiRule[] rules) =>
        new(server, await server.AddAccountAsync(rules));

    /// <returns>Where Events are put.</returns>
    public async Task<NodeEventQueue> StartAsync(CancellationToken token, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton<TimeProvider>(Time).AddSingleton(Tree.Root);
        add?.Invoke(builder.Services);
        // A busy machine must not take a slow read for one that hangs.
        builder.Services.AddNpuDevices(devices => devices.ReadDeadline = TimeSpan.FromSeconds(10));
        builder.Services.AddNodeEvents(_ => _client, events => events.NodeName = "node-7");
        _service = builder.Build();
        await _service.StartAsync(token);
        return _service.Services.GetRequiredService<NodeEventQueue>();
    }

    public Task StopAsync(CancellationToken token) => _service!.StopAsync(token);

    /// <summary>Waits until so many Events are written, and reads the last.</summary>
    public async Task<JsonElement> WrittenAsync(int count, CancellationToken token)
    {
        await Log.WaitForAsync(_ => Written.Count() >= count, token);
        return await _admin.GetAsync(
            KubernetesResource.Events.Named(Written.Last().Message.Split(' ', ':')[2], NodeEventService.Namespace), token);
    }

    /// <summary>Moves the clock on until an Event is written.</summary>
    public async Task AdvanceUntilAsync(string reason, CancellationToken token)
    {
        while (!Written.Any(entry => entry.Message.Contains($": {reason},", StringComparison.Ordinal)))
        {
            token.ThrowIfCancellationRequested();
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.StopAsync();
        _service?.Dispose();
        _client.Dispose();
        _admin.Dispose();
        await _server.DisposeAsync();
        Tree.Dispose();
        Log.Dispose();
    }
}
