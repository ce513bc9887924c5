using System.Net.Sockets;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>The plugin of the next Pod begins before that of the last has ended, each at a socket of its own.</summary>
[CancelAfter(60_000)]
public sealed class TakeoverTests : IAsyncDisposable
{
    private const string Resource = PluginUnderTest.Resource;
    private const string Old = "11111111-0000-4000-8000-000000000000";
    private const string New = "22222222-0000-4000-8000-000000000000";

    private readonly PluginUnderTest _old = new();

    public TakeoverTests()
    {
        (_old.Options.CurrentValue.SocketName, _old.Options.CurrentValue.PodUid) = ("npu-{pod}", Old);
        _old.Host.AddWarboy(0);
    }

    public ValueTask DisposeAsync() => _old.DisposeAsync();

    [Test, Combinatorial]
    public async Task After_the_end_of_the_old_one_the_new_one_is_registered(
        [Values("1.20", "1.26", "1.36")] string version, [Values] RegistrationMode mode, CancellationToken token)
    {
        _old.Options.CurrentValue.Registration = mode;
        await using var next = new PluginUnderTest(_old, New);
        next.Host.AddWarboy(0);
        await using var kubelet = await _old.StartKubeletAsync(token, KubeletVersion.All.Single(each => each.Name == version));
        await _old.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        await next.StartAsync(token);
        await kubelet.WaitForAsync(state => state.LiveStreams == 2 && IsOf(New, state), token);
        await next.Log.WaitForAsync(entry => entry.EventName == "Ready", token);

        using var ending = new CancellationTokenSource();
        var gap = GapAsync(kubelet, ending.Token);
        await _old.StopAsync(token);
        await kubelet.WaitForAsync(state => state.LiveStreams == 1 && state.Resource(Resource).Allocatable == 1 && IsOf(New, state), token);
        // What the end of the old one does to the new one comes at the watcher's next pass.
        await kubelet.WaitForAsync(state => mode == RegistrationMode.Classic || state.Log.Any(line => line.Contains("deregistered")), token);
        await kubelet.WaitForAsync(state => state.LiveStreams == 1 && state.Resource(Resource).Allocatable == 1 && IsOf(New, state), token);

        await ending.CancelAsync();
        await TestContext.Out.WriteLineAsync($"{version} {mode}: nothing to allocate for {(await gap).TotalSeconds:0.00} s");
        Assert.That((await kubelet.AdmitAsync(Resource, 1, token)).DeviceIds, Has.Count.EqualTo(1));
    }

    [Test, Combinatorial]
    public async Task The_socket_of_one_that_was_killed_is_removed_and_those_that_are_served_are_not(
        [Values(RegistrationMode.Classic, RegistrationMode.Watcher)] RegistrationMode mode, CancellationToken token)
    {
        const string killed = "33333333-0000-4000-8000-000000000000";
        _old.Options.CurrentValue.Registration = mode;
        await using var next = new PluginUnderTest(_old, New);
        await using var kubelet = await _old.StartKubeletAsync(token);
        await _old.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        var folder = mode == RegistrationMode.Classic
            ? _old.Options.CurrentValue.PluginDirectory : _old.Options.CurrentValue.RegistryDirectory;
        LeaveSocketBehind(Path.Combine(folder, $"npu-{killed}"));
        LeaveSocketBehind(Path.Combine(folder, "npu-of-somebody"));

        await next.StartAsync(token);
        await next.Log.WaitForAsync(entry => entry.EventName == "Removed", token);
        await next.Log.WaitForAsync(entry => entry.EventName == "Serving", token);

        Assert.That(
            Directory.GetFiles(folder, "npu-*").Select(Path.GetFileName),
            Is.EquivalentTo([$"npu-{Old}", $"npu-{New}", "npu-of-somebody"]));
    }

    private static bool IsOf(string uid, KubeletState state) => state.Resource(Resource).Endpoint?.EndsWith($"npu-{uid}") is true;

    /// <summary>For how long there is nothing to allocate, all in all.</summary>
    private static async Task<TimeSpan> GapAsync(FakeKubelet kubelet, CancellationToken token)
    {
        var total = TimeSpan.Zero;
        try
        {
            while (true)
            {
                await kubelet.WaitForAsync(state => state.Resource(Resource).Allocatable == 0, token);
                var startedAt = TimeProvider.System.GetTimestamp();
                await kubelet.WaitForAsync(state => state.Resource(Resource).Allocatable > 0, token);
                total += TimeProvider.System.GetElapsedTime(startedAt);
            }
        }
        catch (OperationCanceledException)
        {
            return total;
        }
    }

    private static void LeaveSocketBehind(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.SafeHandle.Dispose();
#pragma warning disable CA1816 // Its finalizer would remove the file.
        GC.SuppressFinalize(socket);
#pragma warning restore CA1816
    }
}
