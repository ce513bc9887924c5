using Microsoft.Extensions.Diagnostics.HealthChecks;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests;

[CancelAfter(60_000)]
public sealed class DevicesHealthCheckTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly LogSink _log = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SettableOptions<DeviceMonitorOptions> _options = new(new DeviceMonitorOptions());
    private readonly DeviceMonitor _monitor;

    public DevicesHealthCheckTests() =>
        _monitor = new DeviceMonitor(_host.Root, _options, _time, _log.CreateLogger<DeviceMonitor>());

    public void Dispose()
    {
        _monitor.Dispose();
        _log.Dispose();
        _host.Dispose();
    }

    [Test]
    public async Task Before_the_first_reading_it_fails() => Assert.That(await CheckAsync(),
        Is.EqualTo((HealthStatus.Unhealthy, "the devices have not been read yet")));

    [Test]
    public async Task A_host_without_cards_and_one_whose_card_is_dead_pass([Values] bool hasDeadCard, CancellationToken token)
    {
        if (hasDeadCard)
            _host.AddWarboy(0).Set("alive", "0\n");
        await StartAsync(token);

        Assert.That(await CheckAsync(), Is.EqualTo((HealthStatus.Healthy, (string?)null)));
    }

    [Test]
    public async Task A_host_that_cannot_be_read_is_named(CancellationToken token)
    {
        _host.Delete("/sys");
        await _monitor.StartAsync(token);
        await _log.WaitForAsync(entry => entry.EventName == "Unreadable", token);

        var (status, reason) = await CheckAsync();

        Assert.That(status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(reason, Does.Contain($"'{_host.Path}'"));
    }

    [TestCase(32, HealthStatus.Healthy)]
    [TestCase(33, HealthStatus.Unhealthy)]
    public async Task Readings_that_no_longer_come_fail(int seconds, HealthStatus expected, CancellationToken token)
    {
        await StartAsync(token);
        await _monitor.StopAsync(token);

        _time.Advance(TimeSpan.FromSeconds(seconds));

        var (status, reason) = await CheckAsync();
        Assert.That((status, reason), Is.EqualTo((expected, expected == HealthStatus.Healthy
            ? null
            : "the devices have not been read for more than 32 s")));
    }

    private async Task StartAsync(CancellationToken token)
    {
        await _monitor.StartAsync(token);
        await foreach (var _ in _monitor.WatchReadingsAsync(token))
            return;
    }

    private async Task<(HealthStatus Status, string? Reason)> CheckAsync()
    {
        var result = await new DevicesHealthCheck(_monitor, _options).CheckHealthAsync(new HealthCheckContext());
        return (result.Status, result.Description);
    }
}
