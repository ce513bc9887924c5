using System.Net.Sockets;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

[CancelAfter(30_000)]
public sealed class LifecycleTests : FakeKubeletTests
{
    private static readonly IReadOnlyList<KubeletVersion> Versions = KubeletVersion.All;

    [Test]
    public async Task A_start_of_1_20_deletes_all_but_folders_and_the_checkpoint(CancellationToken token)
    {
        await FillFolderAsync(token);

        await StartKubeletAsync(KubeletVersion.V1_20, token);

        Assert.That(Entries(), Is.EqualTo(["DEPRECATION", "folder", "kubelet.sock", "kubelet_internal_checkpoint"]));
    }

    [Test]
    public async Task A_start_of_1_26_deletes_only_sockets(CancellationToken token)
    {
        await FillFolderAsync(token);

        await StartKubeletAsync(KubeletVersion.V1_26, token);

        Assert.That(Entries(),
            Is.EqualTo(["DEPRECATION", "folder", "kubelet.sock", "kubelet_internal_checkpoint", "plugin.lock"]));
    }

    [Test]
    public async Task The_folder_is_made_where_there_is_none(CancellationToken token)
    {
        await using var kubelet = new FakeKubelet(Folder.At("device-plugins"), KubeletVersion.V1_20, Clock);

        await kubelet.StartAsync(token);

        Assert.That(kubelet.SocketPath, Is.EqualTo(Folder.At("device-plugins/kubelet.sock")).And.Exist);
    }

    [TestCaseSource(nameof(Versions))]
    public async Task After_a_restart_a_known_resource_has_no_devices_until_its_plugin_registers_again(
        KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "old.sock");

        await kubelet.RestartAsync(token);

        Assert.That(Folder.At("old.sock"), Does.Not.Exist);
        Assert.That(kubelet.State.Resources[Npu],
            Has.Property("Capacity").Zero.And.Property("IsStopped").True.And.Property("LiveStreams").Zero);
        await StartPluginAsync(kubelet, Healthy("npu0"), token, "new.sock");
        Assert.That(kubelet.State.Registrations.Select(registration => registration.Start), Is.EqualTo([1, 2]));
        Assert.That(kubelet.State.Resource(Npu).Allocatable, Is.EqualTo(1));
    }

    [Test]
    public async Task A_stop_removes_the_socket(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        await kubelet.StopAsync();

        Assert.That(kubelet.SocketPath, Does.Not.Exist);
        Assert.That(kubelet.State.IsRunning, Is.False);
    }

    [Test]
    public async Task Of_a_kubelet_that_is_killed_a_dead_socket_stays_behind(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        await kubelet.KillAsync();

        Assert.That(kubelet.SocketPath, Does.Exist);
        await NewPlugin().RegisterAsync(token).ExpectAsync(GrpcStatusCode.Unavailable, Does.StartWith("Nobody listens"));
    }

    [TestCaseSource(nameof(Versions))]
    public async Task A_kubelet_that_is_killed_starts_again(KubeletVersion version, CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(version, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        await kubelet.KillAsync();
        await plugin.DisposeAsync();

        await kubelet.StartAsync(token);
        // The finalizer of the first run's socket must not take the file of the second.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await StartPluginAsync(kubelet, Healthy("npu0"), token);
        Assert.That(kubelet.State.Resource(Npu).Allocatable, Is.EqualTo(1));
    }

    [Test]
    public async Task The_streams_of_a_kubelet_that_is_killed_end_at_the_plugin(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        var plugin = await StartPluginAsync(kubelet, Healthy("npu0"), token);
        Assert.That(plugin.OpenStreams, Is.EqualTo(1));

        await kubelet.KillAsync();

        await plugin.StreamsEnded.WaitAsync(token);
    }

    [Test]
    public async Task A_registration_in_progress_is_cut_off_by_a_kill(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_26, token);
        kubelet.Faults.HangsRegistrations = true;
        var registering = NewPlugin().RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.Registrations.Count == 1, token);

        await kubelet.KillAsync();

        Assert.That(() => registering, Throws.TypeOf<GrpcException>());
    }

    [Test]
    public async Task Who_connects_between_bind_and_listen_is_refused(CancellationToken token)
    {
        var kubelet = NewKubelet(KubeletVersion.V1_36);
        var plugin = NewPlugin();

        kubelet.Bind();
        await plugin.StartAsync(token);

        await plugin.RegisterAsync(token).ExpectAsync(GrpcStatusCode.Unavailable, Does.StartWith("Nobody listens"));
        await kubelet.StartAsync(token);
        await plugin.RegisterAsync(token);
        Assert.That(kubelet.State.Starts, Is.EqualTo(1));
    }

    [Test]
    public async Task A_kubelet_that_runs_is_not_started_again(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);

        Assert.That(() => kubelet.StartAsync(token), Throws.InvalidOperationException.With.Message.Contains("stop or kill it first"));
    }

    [Test]
    public async Task A_kubelet_may_be_exchanged_for_a_newer_one(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await kubelet.StopAsync();

        kubelet.Version = KubeletVersion.V1_36;
        await kubelet.StartAsync(token);

        var registering = NewPlugin().RegisterAsync(token);
        await kubelet.WaitForAsync(state => state.Log.Count == 1, token);
        Assert.That(registering.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_wait_that_is_given_up_tells_the_last_state(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        await StartPluginAsync(kubelet, Healthy("npu0"), token);

        Assert.That(() => kubelet.WaitForAsync(_ => false, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>().With.Message.Contains($"{Npu} 1/1 with 1 streams"));
    }

    private async Task FillFolderAsync(CancellationToken token)
    {
        Directory.CreateDirectory(Folder.At("folder"));
        await File.WriteAllTextAsync(Folder.At("plugin.lock"), "", token);
        await File.WriteAllTextAsync(Folder.At("kubelet_internal_checkpoint"), "", token);
        await NewPlugin("plugin.sock").StartAsync(token);
        LeaveDeadSocket(Folder.At("kubelet.sock"));
    }

    private IEnumerable<string?> Entries() =>
        Directory.EnumerateFileSystemEntries(Folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>A socket that is renamed before it is closed: closing would remove it.</summary>
    private static void LeaveDeadSocket(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path + ".first"));
        File.Move(path + ".first", path);
    }
}
