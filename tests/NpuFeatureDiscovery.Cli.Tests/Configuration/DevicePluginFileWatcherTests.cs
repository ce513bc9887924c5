using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

public sealed class DevicePluginFileWatcherTests : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _folder = new();
    private readonly LogSink _log = new();
    private readonly SettlingTimeProvider _time = new(Settle);
    private Task? _waiting;

    private string FilePath => _folder.At("etc/config.yaml");

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_rewrite_in_place_is_applied(CancellationToken token)
    {
        await using var watched = await StartAsync("interval: 10\n", TimeProvider.System, token);
        foreach (var interval in (int[])[15, 20, 25])
        {
            using (var file = new FileStream(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
                file.Write([.. "interval: "u8, .. System.Text.Encoding.ASCII.GetBytes($"{interval}\n")]);

            await watched.ReloadAsync();
            Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(interval)));
        }

        AssertLogged(
            (LogLevel.Information, $"'{FilePath}': interval changes from '10' to '15'"),
            (LogLevel.Information, $"'{FilePath}': interval changes from '15' to '20'"),
            (LogLevel.Information, $"'{FilePath}': interval changes from '20' to '25'"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Nothing_half_written_is_applied(CancellationToken token)
    {
        await using var watched = await StartAsync("interval: 10\n", _time, token);
        await SettleAsync(token);

        using (var file = new FileStream(FilePath, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            await _time.WaitingAsync(token);
            foreach (var part in (string[])["interval: ", "1", "5", "\n# end\n"])
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(part));
                _time.Advance(Settle);
                await _time.WaitingAsync(token);
            }
        }

        _time.Advance(Settle);
        await watched.ReloadAsync();

        AssertLogged((LogLevel.Information, $"'{FilePath}': interval changes from '10' to '15'"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_renamed_over_it_is_applied(CancellationToken token)
    {
        await using var watched = await StartAsync("{}", TimeProvider.System, token);
        foreach (var interval in (int[])[1, 86400, 20])
        {
            Replace($"interval: {interval}");
            await watched.ReloadAsync();
            Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(interval)));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_ConfigMap_may_change_again_and_again(CancellationToken token)
    {
        using var volume = new ConfigMapVolume("config.yaml", "interval: 100");
        await using var watched = await WatchedFile.StartAsync(volume.FilePath, _log, TimeProvider.System, token);
        for (var interval = 101; interval <= 105; interval++)
        {
            volume.Update($"interval: {interval}");
            await watched.ReloadAsync();
            Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(interval)));
        }

        Assert.That(watched.Reloads, Is.EqualTo((5, 0)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_that_a_link_leads_to_is_watched_where_it_is(CancellationToken token)
    {
        var link = _folder.At("link.yaml");
        File.CreateSymbolicLink(link, "etc/config.yaml");
        Replace("{}");
        await using var watched = await WatchedFile.StartAsync(link, _log, TimeProvider.System, token);

        Replace("interval: 20");
        await watched.ReloadAsync();

        AssertLogged((LogLevel.Information, $"'{link}': interval changes from '10' to '20'"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_that_is_removed_leaves_all_as_it_is_until_it_returns(CancellationToken token)
    {
        await using var watched = await StartAsync("interval: 20", TimeProvider.System, token);

        File.Delete(FilePath);
        await watched.ReloadAsync();
        Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(20)));
        Replace("interval: 30");
        await watched.ReloadAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(watched.Reloads, Is.EqualTo((1, 1)));
        }

        AssertLogged(
            (LogLevel.Error, $"{FilePath}: The file cannot be read: Could not find file '{FilePath}'. "
                + "The last good configuration stays"),
            (LogLevel.Information, $"'{FilePath}' is in order again"),
            (LogLevel.Information, $"'{FilePath}': interval changes from '20' to '30'"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_broken_content_is_told_once_and_changes_nothing(CancellationToken token)
    {
        const string seconds = "allowed is a whole number of seconds, 1 to 86400. The last good configuration stays";
        await using var watched = await StartAsync("interval: 20", TimeProvider.System, token);

        Replace("defaultPe: Single\ninterval: 0");
        await watched.ReloadAsync();
        Replace("defaultPe: Single\ninterval: 0");
        Replace("interval: x");
        await watched.ReloadAsync();
        Assert.That(watched.Changes, Is.EqualTo((0, 0)));
        Replace("interval: 20 # again");
        await watched.ReloadAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Changes, Is.EqualTo((0, 0)));
            Assert.That(watched.Reloads, Is.EqualTo((1, 2)));
        }

        AssertLogged(
            (LogLevel.Error, $"{FilePath}:2:11: Key 'interval' does not take '0': {seconds}"),
            (LogLevel.Error, $"{FilePath}:1:11: Key 'interval' does not take 'x': {seconds}"),
            (LogLevel.Information, $"'{FilePath}' is in order again"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task What_applies_at_once_reaches_those_who_follow_the_options(CancellationToken token)
    {
        await using var watched = await StartAsync("{}", TimeProvider.System, token);

        Replace($"defaultPe: Single\nallocationPolicy: spread\ndisabledDevices: [{{devName: npu1, nodeName: {WatchedFile.Node}}}]");
        await watched.ReloadAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Plugin.DefaultPe, Is.EqualTo(DefaultPe.Single));
            Assert.That(watched.Plugin.AllocationPolicy, Is.EqualTo(AllocationPolicy.Spread));
            Assert.That(watched.Plugin.DisabledDevices, Is.EqualTo(["npu1"]));
            Assert.That(watched.Changes, Is.EqualTo((1, 0)));
        }

        Replace("interval: 20");
        await watched.ReloadAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Plugin.DefaultPe, Is.EqualTo(DefaultPe.Fusion));
            Assert.That(watched.Plugin.DisabledDevices, Is.Empty);
            Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(20)));
            Assert.That(watched.Changes, Is.EqualTo((2, 1)));
        }

        AssertLogged(
            (LogLevel.Information, $"'{FilePath}': defaultPe changes from 'Fusion' to 'Single'"),
            (LogLevel.Information, $"'{FilePath}': allocationPolicy changes from 'packed' to 'spread'"),
            (LogLevel.Information, $"'{FilePath}': disabledDevices changes from none to 'npu1'"),
            (LogLevel.Information, $"'{FilePath}': defaultPe changes from 'Single' to 'Fusion'"),
            (LogLevel.Information, $"'{FilePath}': allocationPolicy changes from 'spread' to 'packed'"),
            (LogLevel.Information, $"'{FilePath}': interval changes from '10' to '20'"),
            (LogLevel.Information, $"'{FilePath}': disabledDevices changes from 'npu1' to none"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Where_the_plugin_is_registered_stays_until_the_next_start(CancellationToken token)
    {
        await using var watched = await StartAsync("socketName: a\npluginDir: /b\nresourceName: c/d", TimeProvider.System, token);

        Replace("socketName: e\npluginDir: /f\nresourceName: g/h\ninterval: 20");
        await watched.ReloadAsync();
        Replace("socketName: a\npluginDir: /f\nresourceName: i/j\ninterval: 20");
        await watched.ReloadAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (watched.Plugin.SocketName, watched.Plugin.PluginDirectory, watched.Plugin.ResourceName),
                Is.EqualTo(("a", "/b", "c/d")));
            Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(20)));
            Assert.That(watched.Changes, Is.EqualTo((0, 1)));
        }

        AssertLogged(
            (LogLevel.Information, $"'{FilePath}': interval changes from '10' to '20'"),
            (LogLevel.Warning, NeedsRestart("pluginDir", "/b", "/f", "/b")),
            (LogLevel.Warning, NeedsRestart("socketName", "a", "e", "a")),
            (LogLevel.Warning, NeedsRestart("resourceName", "c/d", "g/h", "c/d")),
            (LogLevel.Information, $"'{FilePath}': socketName changes from 'e' to 'a'"),
            (LogLevel.Warning, NeedsRestart("resourceName", "g/h", "i/j", "c/d")));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_change_between_the_first_reading_and_the_start_is_not_missed(CancellationToken token)
    {
        Replace("interval: 10");
        await using var watched = await WatchedFile.StartAsync(
            FilePath, _log, TimeProvider.System, token, beforeStart: () => Replace("interval: 20"));

        await watched.ReloadAsync();

        Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(20)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task What_does_not_change_does_nothing(CancellationToken token)
    {
        await using var watched = await StartAsync("interval: 20", _time, token);
        await SettleAsync(token);

        Replace("interval: 20");
        for (var poll = 0; poll < 10; poll++)
            _time.Advance(DevicePluginFileWatcher.PollInterval);

        Replace("interval: 30");
        await SettleUntilReloadAsync(watched, token);

        Assert.That(watched.Reloads, Is.EqualTo((1, 0)));
        AssertLogged((LogLevel.Information, $"'{FilePath}': interval changes from '20' to '30'"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_change_that_nothing_tells_of_is_found_by_the_poll_and_the_next_at_once(CancellationToken token)
    {
        await using var watched = await StartAsync("interval: 20", _time, token);
        await SettleAsync(token);

        Directory.Move(_folder.At("etc"), _folder.At("old"));
        Replace("interval: 30");
        _time.Advance(DevicePluginFileWatcher.PollInterval);
        await SettleUntilReloadAsync(watched, token);
        Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(30)));

        Replace("interval: 40");
        await SettleUntilReloadAsync(watched, token);
        Assert.That(watched.Monitor.Interval, Is.EqualTo(TimeSpan.FromSeconds(40)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Health_is_never_read_less_often_than_everything_else(CancellationToken token)
    {
        Replace("interval: 5");
        await using var watched = await WatchedFile.StartAsync(
            FilePath, _log, TimeProvider.System, token,
            configure: services => services.AddNpuDevices(devices => devices.HealthInterval = TimeSpan.FromSeconds(60)));
        Assert.That(watched.Monitor.HealthInterval, Is.EqualTo(TimeSpan.FromSeconds(5)));

        Replace("interval: 600");
        await watched.ReloadAsync();

        Assert.That(watched.Monitor.HealthInterval, Is.EqualTo(TimeSpan.FromSeconds(60)));
    }

    private string NeedsRestart(string key, string from, string to, string running) =>
        $"'{FilePath}': {key} changes from '{from}' to '{to}', which needs a restart: '{running}' stays until then";

    private Task<WatchedFile> StartAsync(string text, TimeProvider time, CancellationToken token)
    {
        Replace(text);
        return WatchedFile.StartAsync(FilePath, _log, time, token);
    }

    /// <summary>Waits until the watcher waits for the file to be still, and lets it see that it is.</summary>
    private async Task SettleAsync(CancellationToken token)
    {
        await _time.WaitingAsync(token);
        _time.Advance(Settle);
    }

    /// <summary>The same as often as it takes: the watcher may see a state in between first.</summary>
    private async Task SettleUntilReloadAsync(WatchedFile watched, CancellationToken token)
    {
        var reload = watched.ReloadAsync();
        while (!reload.IsCompleted)
        {
            _waiting ??= _time.WaitingAsync(token);
            if (await Task.WhenAny(_waiting, reload) == reload)
                break;

            _waiting = null;
            _time.Advance(Settle);
        }

        await reload;
    }

    /// <summary>Writes as careful editors do.</summary>
    private void Replace(string text)
    {
        Directory.CreateDirectory(_folder.At("etc"));
        File.WriteAllText(_folder.At("next"), text);
        File.Move(_folder.At("next"), FilePath, overwrite: true);
    }

    private void AssertLogged(params (LogLevel Level, string Message)[] expected) =>
        Assert.That(_log.Entries.Select(entry => (entry.Level, entry.Message)), Is.EqualTo(expected));
}
