namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The ways in which the kubelet gets to know the plugin, and from one to the next.</summary>
public sealed class RegistrationTests : NodeTest
{
    private const string Old = "11111111-0000-4000-8000-000000000000";
    private const string New = "22222222-0000-4000-8000-000000000000";

    [TestCase("watcher")]
    [TestCase("auto")]
    [CancelAfter(Deadline)]
    public async Task A_pod_gets_an_NPU_of_a_plugin_that_the_kubelet_has_found(string mode, CancellationToken token)
    {
        var socket = Path.Combine(Kubelet.PluginFolder, "furiosa-npu");
        // A plugin that was killed leaves its socket.
        File.Delete(socket);
        var host = await HostAsync(cards: 2, token);
        await MeasureAsync($"{mode}: registered", () => PluginAsync(host, token, "--registration", mode));

        var running = await RunPodAsync(token);

        await RunsOnAsync(running, token);
        Assert.That(File.Exists(socket), Is.False);
    }

    [TestCase("TERM")]
    [TestCase("KILL")]
    [CancelAfter(Deadline)]
    public async Task The_kubelet_finds_the_plugin_again_after_its_own_restart(string signal, CancellationToken token)
    {
        var plugin = await PluginAsync(await HostAsync(cards: 2, token), token, "--registration", "watcher");
        var running = await RunPodAsync(token);

        await Kubelet.RestartAsync(signal, token);
        await MeasureAsync($"{signal} of the kubelet: registered again", () => plugin.WaitForAsync(Watched, token));

        await RunsOnAsync(running, token);
    }

    [TestCase("TERM")]
    [TestCase("KILL")]
    [CancelAfter(Deadline)]
    public async Task The_kubelet_finds_the_next_plugin_after_the_end_of_the_last(string signal, CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var plugin = await PluginAsync(host, token, "--registration", "watcher");
        var running = await RunPodAsync(token);

        await plugin.EndAsync(signal, token);
        await MeasureAsync($"{signal} of the plugin: registered", () => PluginAsync(host, token, "--registration", "watcher"));

        await RunsOnAsync(running, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task When_its_socket_is_removed_the_plugin_is_found_again(CancellationToken token)
    {
        var plugin = await PluginAsync(await HostAsync(cards: 2, token), token, "--registration", "watcher");
        var running = await RunPodAsync(token);

        File.Delete(Path.Combine(Kubelet.Registry, "furiosa-npu"));
        await MeasureAsync("removed: registered again", async () =>
        {
            await plugin.WaitForAsync("was removed", token);
            await plugin.WaitForAsync("registered with the socket", token);
        });

        await RunsOnAsync(running, token);
    }

    [TestCase("classic", "watcher")]
    [TestCase("watcher", "classic")]
    [CancelAfter(Deadline)]
    public async Task The_way_may_change_from_one_start_to_the_next(string before, string after, CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var plugin = await PluginAsync(host, token, "--registration", before);
        var running = await RunPodAsync(token);

        await plugin.EndAsync("TERM", token);
        await MeasureAsync($"{before} to {after}: registered", () => PluginAsync(host, token, "--registration", after));
        // Up to a second later this kubelet takes the socket that is gone for that of whoever is registered by then, who registers again.
        if (before == "watcher")
            await UntilAdmittedAsync(token);

        await RunsOnAsync(running, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_plugin_that_calls_takes_over_from_one_at_another_socket_without_a_gap(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var old = await PluginOfAsync(Old, host, token);
        var running = await RunPodAsync(token);
        var next = await PluginOfAsync(New, host, token);
        using var watch = new NodeWatch("/nothing");

        await old.EndAsync("TERM", token);
        await RunsOnAsync(running, token);

        var (states, _) = await watch.EndAsync();
        Assert.That(states.Select(state => state.Allocatable), Is.Not.Empty.And.All.EqualTo("2"));
        var (_, log) = await next.EndAsync("TERM", token);
        Assert.That(log, Does.Not.Contain("the kubelet ended its ListAndWatch stream"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_plugin_that_is_found_takes_over_from_one_at_another_socket(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        var old = await PluginOfAsync(Old, host, token, "--registration", "watcher");
        var running = await RunPodAsync(token);
        var next = await PluginOfAsync(New, host, token, "--registration", "watcher");

        await old.EndAsync("TERM", token);
        // This kubelet takes the socket that is gone for that of whoever is registered.
        await next.WaitForAsync("the kubelet ended its ListAndWatch stream", token);
        await MeasureAsync("new socket after the end of the old: registered again", () => next.WaitForAsync(Watched, token));

        await RunsOnAsync(running, token);
    }

    /// <summary>Lets Pods come and go until one runs.</summary>
    private static async Task UntilAdmittedAsync(CancellationToken token)
    {
        bool isAdmitted;
        do
        {
            var pod = await NpuPod.CreateAsync("first", npus: 1, token);
            isAdmitted = await pod.IsAdmittedAsync(token);
            await pod.DeleteAsync(token);
        }
        while (!isAdmitted);
    }

    private static async Task MeasureAsync(string what, Func<Task> act)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        await act();
        await TestContext.Out.WriteLineAsync($"{what} after {TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds:0.00} s");
    }
}
