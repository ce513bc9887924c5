using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class DeviceMonitorTests : IDisposable
{
    /// <summary>How long a card that has come or gone is given until it is read.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    private readonly HostTree _host = new();
    private readonly LogSink _log = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SettableOptions<DeviceMonitorOptions> _options = new(With(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1)));

    public void Dispose()
    {
        _host.Dispose();
        _log.Dispose();
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Health_is_read_at_the_health_interval(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        Assert.That((await monitor.NextAsync()).Devices.Single().Health.State, Is.EqualTo(HealthState.Healthy));

        card.Set("alive", "0\n");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await monitor.NextAsync()).Devices.Single().Health.State, Is.EqualTo(HealthState.Unhealthy));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_card_that_comes_to_sysfs_without_any_event_is_found_at_the_health_interval(CancellationToken token)
    {
        _host.AddWarboy(0);
        var second = _host.AddWarboy(1);
        second.Unload();
        await using var monitor = await StartAsync(_time, token);
        Assert.That((await monitor.NextAsync()).Devices, Has.Count.EqualTo(1));

        second.LoadWithoutNodes();
        await SettleAsync(token);

        Assert.That((await monitor.NextAsync()).Devices, Has.Count.EqualTo(2));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_card_that_the_health_interval_finds_while_it_comes_is_read_when_all_of_it_is_there(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        card.Unload();
        await using var monitor = await StartAsync(_time, token);
        Assert.That((await monitor.NextAsync()).Devices, Is.Empty);

        card.LoadWithoutNodes();
        await _time.AdvanceUntilWaitAsync(TimeSpan.FromSeconds(1), Settle, token);
        card.LoadNodes();
        _time.Advance(Settle);

        Assert.That((await monitor.NextAsync()).Devices.Single().DeviceNodes, Has.Count.EqualTo(card.Nodes.Count));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Everything_else_is_read_at_the_interval(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        await monitor.NextAsync();

        card.Set("version", "2.0.0, abc\n");
        for (var second = 0; second < 60; second++)
            _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await monitor.NextAsync()).Devices.Single().DriverVersion?.ToString(), Is.EqualTo("2.0.0"));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_device_node_that_comes_or_goes_is_learned_from_its_event(CancellationToken token)
    {
        await using var monitor = await StartAsync(TimeProvider.System, token);
        Assert.That((await monitor.NextAsync()).Devices, Is.Empty);

        var card = _host.AddWarboy(0);
        Assert.That((await monitor.NextAsync()).Devices, Has.Count.EqualTo(1));

        card.Remove();
        await monitor.UntilAsync(snapshot => snapshot.Devices.Count == 0);
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task The_node_folder_of_RNGD_is_watched_whenever_it_is_there(CancellationToken token)
    {
        await using var monitor = await StartAsync(TimeProvider.System, token);
        await monitor.NextAsync();
        for (var round = 0; round < 3; round++)
        {
            var card = _host.AddRngd(0);
            await monitor.UntilAsync(snapshot => snapshot.Devices is [{ DeviceNodes.Count: 19 }]);
            _host.Write("/dev/rngd/npu0bar2", "");
            await monitor.UntilAsync(snapshot => snapshot.Devices is [{ DeviceNodes.Count: 20 }]);
            card.Remove();
            _host.Delete("/dev/rngd");
            await monitor.UntilAsync(snapshot => snapshot.Devices.Count == 0);
        }
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_link_to_dev_is_watched_as_dev_itself(CancellationToken token)
    {
        using var elsewhere = new TemporaryFolder();
        _host.Delete("/dev");
        File.CreateSymbolicLink(_host.At("/dev"), elsewhere.Path);
        await using var monitor = await StartAsync(TimeProvider.System, token);
        await monitor.NextAsync();

        _host.AddWarboy(0);

        Assert.That((await monitor.NextAsync()).Devices, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Nothing_is_published_while_nothing_changes(CancellationToken token)
    {
        _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        await monitor.NextAsync();

        for (var second = 0; second < 300; second++)
            _time.Advance(TimeSpan.FromSeconds(1));

        _host.SetMachine("HP", null);
        for (var second = 0; second < 60; second++)
            _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await monitor.NextAsync()).Machine.Vendor, Is.EqualTo("HP"));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Generations_count_what_is_published_from_1_and_tell_when_it_was_read(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        var start = _time.GetUtcNow();
        await using var monitor = await StartAsync(_time, token);
        var first = await monitor.NextAsync();

        card.Set("alive", "0\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = await monitor.NextAsync();
        card.Set("alive", "1\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        var third = await monitor.NextAsync();

        Assert.That(
            ((NodeSnapshot[])[first, second, third]).Select(snapshot => (snapshot.Generation, snapshot.ReadAt)),
            Is.EqualTo([(1L, start), (2L, start.AddSeconds(1)), (3L, start.AddSeconds(2))]));
        Assert.That(third, Is.EqualTo(first));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_reading_that_finds_the_same_is_of_the_same_generation(CancellationToken token)
    {
        _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        var first = await monitor.NextAsync();

        for (var second = 0; second < 120; second++)
            _time.Advance(TimeSpan.FromSeconds(1));
        _host.SetMachine("HP", null);
        for (var second = 0; second < 60; second++)
            _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await monitor.NextAsync()).Generation, Is.EqualTo(first.Generation + 1));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_host_that_cannot_be_read_is_reported_once_and_read_when_it_can(CancellationToken token)
    {
        _host.AddWarboy(0);
        Directory.Move(_host.At("/sys/class/npu_mgmt"), _host.At("/sys/class/aside"));
        File.CreateSymbolicLink(_host.At("/sys/class/npu_mgmt"), "npu_mgmt");
        await using var monitor = await StartAsync(_time, token);
        for (var second = 0; second < 120; second++)
            _time.Advance(TimeSpan.FromSeconds(1));

        await _log.WaitForAsync(entry => entry.Level == LogLevel.Error, token);
        File.Delete(_host.At("/sys/class/npu_mgmt"));
        Directory.Move(_host.At("/sys/class/aside"), _host.At("/sys/class/npu_mgmt"));
        await SettleAsync(token);

        Assert.That((await monitor.NextAsync()).Devices, Has.Count.EqualTo(1));
        Assert.That(_log.Messages(LogLevel.Error), Has.Exactly(1).Items);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task All_256_cards_may_flap_and_the_newest_state_is_what_remains(CancellationToken token)
    {
        var cards = Enumerable.Range(0, 256).Select(index => _host.AddWarboy(index)).ToArray();
        await using var monitor = await StartAsync(TimeProvider.System, token, TimeSpan.FromSeconds(1));
        await monitor.NextAsync();

        for (var round = 0; round < 3; round++)
        {
            foreach (var card in cards)
                card.Unload();
            foreach (var card in cards.Skip(round))
                card.Load();
            foreach (var card in cards.Take(round))
                card.Load();
        }

        foreach (var card in cards.Take(100))
            card.Remove();

        await monitor.UntilAsync(snapshot =>
            snapshot.Devices.Count == 156 && snapshot.Devices.All(device => device.Health == DeviceHealth.Healthy));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_second_subscriber_starts_with_the_newest_snapshot(CancellationToken token)
    {
        _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        await monitor.NextAsync();

        await foreach (var snapshot in monitor.Monitor.WatchAsync(token))
        {
            Assert.That(snapshot.Devices, Has.Count.EqualTo(1));
            break;
        }
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Each_look_at_the_host_is_a_reading_whether_it_finds_something_new_or_not(CancellationToken token)
    {
        _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        await using var readings = monitor.Monitor.WatchReadingsAsync(token).GetAsyncEnumerator(token);
        await readings.MoveNextAsync();
        var first = readings.Current;

        _time.Advance(TimeSpan.FromSeconds(1));
        await readings.MoveNextAsync();

        Assert.That(readings.Current, Is.EqualTo(new NodeReading(first.Number + 1, first.Snapshot, null)));
        Assert.That(readings.Current.Snapshot, Is.SameAs(first.Snapshot));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_reading_says_that_the_host_cannot_be_read(CancellationToken token)
    {
        _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        await using var readings = monitor.Monitor.WatchReadingsAsync(token).GetAsyncEnumerator(token);
        await readings.MoveNextAsync();
        var first = readings.Current;

        Directory.Delete(_host.At("/sys"), recursive: true);
        await SettleAsync(token);
        do
            await readings.MoveNextAsync();
        while (readings.Current.Failure is null && readings.Current.Snapshot.Devices.Count > 0);

        Assert.That(readings.Current.Failure, Does.Contain("has no folder 'sys'"));
        Assert.That(readings.Current.Snapshot, Is.SameAs(first.Snapshot));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Another_interval_counts_at_once(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        await using var monitor = await StartAsync(_time, token);
        await monitor.NextAsync();

        card.Set("version", "2.0.0, abc\n");
        _options.Set(With(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await monitor.NextAsync()).Devices.Single().DriverVersion?.ToString(), Does.StartWith("2.0.0"));
    }

    /// <summary>A busy machine must not take a slow read for one that hangs.</summary>
    private static DeviceMonitorOptions With(TimeSpan interval, TimeSpan healthInterval) =>
        new() { Interval = interval, HealthInterval = healthInterval, ReadDeadline = TimeSpan.FromSeconds(10) };

    private async Task<MonitorUnderTest> StartAsync(
        TimeProvider time, CancellationToken token, TimeSpan? healthInterval = null)
    {
        // With the real clock it is the events that count: no tick comes within the test.
        if (time != _time)
            _options.Set(With(TimeSpan.FromHours(1), healthInterval ?? TimeSpan.FromHours(1)));

        var monitor = new DeviceMonitor(_host.Root, _options, time, _log.CreateLogger<DeviceMonitor>());
        await monitor.StartAsync(token);
        return new MonitorUnderTest(monitor, token);
    }

    /// <summary>Lets time go on until a card is found to have come or gone at the health interval, and then is read.</summary>
    private async Task SettleAsync(CancellationToken token)
    {
        await _time.AdvanceUntilWaitAsync(TimeSpan.FromSeconds(1), Settle, token);
        _time.Advance(Settle);
    }

    private sealed class MonitorUnderTest(DeviceMonitor monitor, CancellationToken token) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<NodeSnapshot> _snapshots = monitor.WatchAsync(token).GetAsyncEnumerator(token);

        public DeviceMonitor Monitor => monitor;

        public async Task<NodeSnapshot> NextAsync()
        {
            Assert.That(await _snapshots.MoveNextAsync(), Is.True);
            return _snapshots.Current;
        }

        public async Task UntilAsync(Func<NodeSnapshot, bool> condition)
        {
            while (!condition(await NextAsync()))
            {
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _snapshots.DisposeAsync();
            await monitor.StopAsync(CancellationToken.None);
            monitor.Dispose();
        }
    }
}
