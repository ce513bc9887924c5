using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

/// <summary>A configuration file that is read and watched as in the program.</summary>
internal sealed class WatchedFile : IAsyncDisposable
{
    public const string Node = "warboy-node01";

    private readonly ServiceProvider _services;
    private readonly ReloadCounts _reloads;
    private readonly CancellationToken _token;
    private int _pluginChanges;
    private int _monitorChanges;

    private WatchedFile(ServiceProvider services, CancellationToken token)
    {
        _services = services;
        _token = token;
        _reloads = new ReloadCounts(services.GetRequiredService<IMeterFactory>());
        services.GetRequiredService<IOptionsMonitor<DevicePluginOptions>>().OnChange(_ => _pluginChanges++);
        services.GetRequiredService<IOptionsMonitor<DeviceMonitorOptions>>().OnChange(_ => _monitorChanges++);
    }

    public DevicePluginOptions Plugin => _services.GetRequiredService<IOptionsMonitor<DevicePluginOptions>>().CurrentValue;

    public DeviceMonitorOptions Monitor => _services.GetRequiredService<IOptionsMonitor<DeviceMonitorOptions>>().CurrentValue;

    public (long Successes, long Failures) Reloads => _reloads.Value;

    public (int Plugin, int Monitor) Changes => (_pluginChanges, _monitorChanges);

    /// <param name="path">The file, which is read now.</param>
    /// <param name="log">Takes the log.</param>
    /// <param name="time">Tells the time.</param>
    /// <param name="token">Ends the test.</param>
    /// <param name="beforeStart">What happens between the first reading and the start of the watching.</param>
    /// <param name="configure">What the program configures besides.</param>
    public static async Task<WatchedFile> StartAsync(
        string path, LogSink log, TimeProvider time, CancellationToken token, Action? beforeStart = null,
        Action<IServiceCollection>? configure = null)
    {
        var reader = new DevicePluginFileReader(path, Node);
        var services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(log))
            .AddSingleton(time)
            .AddDevicePluginFile(reader, reader.Read());
        configure?.Invoke(services);
        beforeStart?.Invoke();
        var watched = new WatchedFile(services.BuildServiceProvider(), token);
        await watched.Watcher.StartAsync(token);
        return watched;
    }

    /// <summary>Waits until a change has been taken or refused.</summary>
    public Task ReloadAsync() => _reloads.NextAsync(_token);

    public async ValueTask DisposeAsync()
    {
        await Watcher.StopAsync(CancellationToken.None);
        _reloads.Dispose();
        await _services.DisposeAsync();
    }

    private DevicePluginFileWatcher Watcher =>
        _services.GetServices<IHostedService>().OfType<DevicePluginFileWatcher>().Single();
}
