using System.Net.Sockets;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

[CancelAfter(30_000)]
public sealed class FaultTests : FakeKubeletTests
{
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;

    [Test]
    public async Task A_registration_that_hangs_is_received_and_never_answered(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        kubelet.Faults.HangsRegistrations = true;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);

        var registering = NewPlugin().RegisterAsync(patience.Token);

        await kubelet.WaitForAsync(state => state.Registrations.Count == 1, token);
        // Answered after the one that hangs, so that there was time to answer that.
        kubelet.Faults.HangsRegistrations = false;
        await NewPlugin().RegisterAsync(token);
        Assert.That(registering.IsCompleted, Is.False);
        await patience.CancelAsync();
        Assert.That(() => registering, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_connection_that_hangs_is_accepted_and_never_answered(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        kubelet.Faults.HangsConnections = true;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(kubelet.SocketPath), token);
        await socket.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), token);
        var answer = socket.ReceiveAsync(new byte[1], token);
        await kubelet.WaitForAsync(state => state.Log.Count == 1, token);

        // Served after the one that hangs, so that there was time to answer that.
        kubelet.Faults.HangsConnections = false;
        await NewPlugin().RegisterAsync(token);

        Assert.That(answer.IsCompleted, Is.False);
        await kubelet.KillAsync();
        Assert.That(async () => await answer, Throws.TypeOf<SocketException>());
    }

    [TestCaseSource(nameof(Versions))]
    public async Task A_good_registration_may_be_followed_by_no_stream(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        kubelet.Faults.NeverOpensStreams = true;
        var plugin = NewPlugin();
        await plugin.StartAsync(token);

        await plugin.RegisterAsync(token);

        var state = await kubelet.WaitForAsync(state => state.Log.Count == 1, token);
        Assert.That(state.LiveStreams, Is.Zero);
        Assert.That(plugin.OpenStreams, Is.Zero);
        kubelet.Faults.NeverOpensStreams = false;
        await plugin.RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.LiveStreams == 1, token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Streams_are_dropped_after_a_while_and_not_opened_again(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        kubelet.Faults.StreamLifetime = TimeSpan.FromMinutes(1);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);

        Clock.Advance(TimeSpan.FromMinutes(1));

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        Assert.That(state.Resource(Npu), Has.Property("IsStopped").True.And.Property("Allocatable").Zero);
        await plugin.StreamsEnded.WaitAsync(token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Streams_are_dropped_on_command(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);

        kubelet.DropStreams(Npu);

        var state = await kubelet.WaitForAsync(state => state.LiveStreams == 0, token);
        Assert.That(state.Resource(Npu).IsStopped);
        await plugin.StreamsEnded.WaitAsync(token);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task Several_streams_may_be_opened_at_once(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        kubelet.Faults.StreamsPerRegistration = 3;
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);

        var state = await kubelet.WaitForAsync(state => state.Lists.Count == 3, token);

        Assert.That(state.LiveStreams, Is.EqualTo(3));
        Assert.That(plugin.OpenStreams, Is.EqualTo(3));
        plugin.EndStreams();
        await kubelet.WaitForAsync(state => state is { LiveStreams: 0 } && state.Resource(Npu).IsStopped, token);
    }

    [Test]
    public async Task The_socket_is_touched_without_any_change(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var told = NextEvent(WatcherChangeTypes.Changed);

        kubelet.TouchSocket();

        Assert.That(await told.WaitAsync(token), Is.EqualTo("kubelet.sock"));
        await StartPluginAsync(kubelet, Healthy("npu0"), token);
    }

    [Test]
    public async Task The_socket_comes_anew_without_any_change(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var told = NextEvent(WatcherChangeTypes.Renamed);

        kubelet.RenameSocketThereAndBack();

        Assert.That(await told.WaitAsync(token), Is.EqualTo("kubelet.sock"));
        await StartPluginAsync(kubelet, Healthy("npu0"), token);
    }

    [Test]
    public async Task The_folder_is_wiped(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);
        Directory.CreateDirectory(Folder.At("folder"));

        kubelet.WipeFolder();

        Assert.That(Directory.EnumerateFileSystemEntries(Folder.Path), Is.Empty);
        Assert.That(kubelet.State.LiveStreams, Is.EqualTo(1));
    }

    [Test]
    public async Task Without_its_checkpoint_a_kubelet_knows_no_resource_after_its_start(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);
        await kubelet.AdmitAsync(Npu, 1, token);

        kubelet.WipeFolder();
        await kubelet.RestartAsync(token);

        Assert.That(kubelet.State.Resources, Is.Empty);
        Assert.That(kubelet.State.Pods, Is.Empty);
    }

    [Test]
    public async Task Only_the_sockets_of_plugins_are_removed(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);

        kubelet.RemovePluginSockets();

        Assert.That(Directory.GetFiles(Folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(["DEPRECATION", "kubelet.sock", "kubelet_internal_checkpoint"]));
    }

    private async Task<string?> NextEvent(WatcherChangeTypes type)
    {
        using var watcher = new FileSystemWatcher(Folder.Path, "kubelet.sock") { NotifyFilter = (NotifyFilters)0x17F };
        var told = new TaskCompletionSource<string?>();
        watcher.Changed += (_, change) => Tell(change);
        watcher.Renamed += (_, change) => Tell(change);
        watcher.EnableRaisingEvents = true;
        return await told.Task;

        void Tell(FileSystemEventArgs change)
        {
            if (change.ChangeType == type && change.Name == "kubelet.sock")
                told.TrySetResult(change.Name);
        }
    }
}
