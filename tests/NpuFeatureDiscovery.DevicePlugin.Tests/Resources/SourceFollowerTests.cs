using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Resources;

[CancelAfter(30_000)]
public sealed class SourceFollowerTests : IAsyncDisposable
{
    private const string Resource = "example.com/gadget";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System)
        .AddSingleton<DevicePluginMetrics>().BuildServiceProvider();

    private readonly CancellationTokenSource _ending = new();
    private readonly ScriptedSource _source = new();
    private readonly DeviceFeed _feed = new();
    private readonly LogSink _log = new();
    private readonly SourceFollower _follower;
    private Task _running = Task.CompletedTask;

    public SourceFollowerTests() => _follower = new SourceFollower(
        Resource, _source, _feed, _services.GetRequiredService<DevicePluginMetrics>(), TimeProvider.System, _log);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _log.Dispose();
        await _services.DisposeAsync();
    }

    [Test]
    public async Task Until_the_first_list_the_devices_are_not_known(CancellationToken token)
    {
        var before = _follower.Fault;
        Start();
        _source.List();
        await ListsAsync(0, token);

        Assert.That(before, Does.Contain("has not told of its devices"));
        Assert.That(_follower.Fault, Is.Null);
    }

    [TestCase(true, "failed: The bus is gone.", TestName = "A source that fails leaves its last list and is asked again")]
    [TestCase(false, "ended", TestName = "A source that ends leaves its last list and is asked again")]
    public async Task Faults(bool fails, string words, CancellationToken token)
    {
        Start();
        _source.List(new PluginDevice("a"));
        await ListsAsync(1, token);

        if (fails)
            _source.Fail("The bus is gone.");
        else
            _source.End();

        await _log.WaitForAsync(entry => entry.EventName == "SourceFault" && entry.Message.Contains(words), token);
        var (fault, kept) = (_follower.Fault, _feed.Current!.Devices.Count);
        _source.List(new PluginDevice("a"), new PluginDevice("b"));
        await ListsAsync(2, token);

        Assert.That(kept, Is.EqualTo(1));
        Assert.That(fault, Does.Contain(words));
        Assert.That((_follower.Fault, _source.Calls), Is.EqualTo((default(string), 2)));
    }

    [Test]
    public async Task The_same_fault_is_logged_once(CancellationToken token)
    {
        Start();
        for (var time = 0; time < 3; time++)
            _source.Fail("The bus is gone.");

        _source.List(new PluginDevice("a"));
        await ListsAsync(1, token);

        Assert.That(_source.Calls, Is.EqualTo(4));
        Assert.That(_log.Messages(LogLevel.Warning), Has.One.Contains("The bus is gone."));
    }

    [Test]
    public async Task What_becomes_of_each_device_is_logged_once(CancellationToken token)
    {
        var ill = new PluginDevice("a") { State = PluginDeviceState.Unhealthy, Reason = "its fan stands still", Name = "gadget0" };
        Start();
        _source.List(new PluginDevice("a") { Name = "gadget0" }, new PluginDevice("b"));
        _source.List(ill, new PluginDevice("b"));
        _source.List(ill, new PluginDevice("b"));
        _source.List(ill);
        await ListsAsync(1, token);

        Assert.That(_log.Messages(), Is.EqualTo(
        [
            "gadget0 (a) is healthy", "b is healthy", "gadget0 (a) is Unhealthy: its fan stands still", "b is no longer offered",
        ]));
    }

    [Test]
    public async Task What_is_wrong_with_a_list_is_logged_once(CancellationToken token)
    {
        PluginDevice[] twins = [new("a"), new("a")];
        Start();
        _source.List(twins);
        _source.List(twins);
        _source.List([.. twins, new("b")]);
        await ListsAsync(2, token);

        Assert.That(_log.Messages(LogLevel.Warning), Is.EqualTo(
            ["example.com/gadget: its source of devices lists 'a' more than once, of which the first counts"]));
    }

    private void Start() => _running = _follower.RunAsync(_ending.Token);

    private async Task ListsAsync(int count, CancellationToken token)
    {
        await foreach (var list in _feed.WatchAsync(token))
        {
            if (list.Devices.Count == count)
                return;
        }
    }
}
