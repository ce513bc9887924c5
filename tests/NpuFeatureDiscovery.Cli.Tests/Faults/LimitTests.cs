using System.Globalization;
using NpuFeatureDiscovery.Cli.Tests.Chaos;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>An agent that has less than it asks for, from its start on.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private const string MemoryGroups = "/sys/fs/cgroup/memory";
    private const string Groups = "/sys/fs/cgroup";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    private FaultNode _node = null!;
    private string? _group;

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        // The kernel lets go of a process a moment after it has ended.
        if (_group is not null)
            await Shell.SucceedsAsync($"for i in $(seq 50); do rmdir {_group} 2>/dev/null && break || sleep 0.1; done", CancellationToken.None);
    }

    [Test]
    public async Task Without_inotify_all_is_learned_by_reading()
    {
        if (!await Shell.SucceedsAsync("unshare --user --map-root-user bash -c 'echo 0 >/proc/sys/user/max_inotify_instances'", CancellationToken.None))
            Assert.Ignore("Needs user namespaces (unshare --user), which this host does not allow.");

        using var deadline = new CancellationTokenSource(Deadline);
        _node = new FaultNode(seed: 11, "file");
        await _node.StartAsync(deadline.Token);
        _node.StartAgent("unshare --user --map-root-user bash -c 'echo 0 >/proc/sys/user/max_inotify_instances; exec \"$0\" \"$@\"'");
        await _node.UntilWellAsync(deadline.Token);
        Assert.That(_node.Agent.Figures.Watches, Is.Zero);

        _node.MoveCard();
        await _node.UntilWellAsync(deadline.Token);
        await _node.Kubelet.RestartAsync(deadline.Token);
        await _node.UntilWellAsync(deadline.Token);
        _node.Reconfigure("by-reading");
        await _node.UntilWellAsync(deadline.Token);

        Assert.That(await _node.DuplicatesAsync(deadline.Token), Is.Empty);
        var troubles = _node.Agent.TakeTroubles();
        Assert.That(troubles, Has.Some.Contains("max_user_instances"));
        Assert.That(troubles, Is.Unique);
    }

    [Test]
    public async Task Under_load_it_lives_with_256_cards_on_the_memory_that_its_manifest_allows()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var limit = Limit;
        var isOld = Directory.Exists(MemoryGroups);
        _group = $"{(isOld ? MemoryGroups : Groups)}/npu-{Guid.NewGuid()}";
        var set = $"mkdir {_group} && echo {limit} >{_group}/{(isOld ? "memory.limit_in_bytes" : "memory.max")}";
        if (!await Shell.SucceedsAsync(set, deadline.Token))
            Assert.Ignore($"Needs a control group of its own ({_group}), which this user may not make.");

        _node = new FaultNode(seed: 11, "file", cards: 256);
        await _node.StartAsync(deadline.Token);
        _node.StartAgent($"bash -c 'echo $$ >{_group}/cgroup.procs; exec \"$0\" \"$@\"'");
        await _node.UntilWellAsync(deadline.Token);
        using var stopping = new CancellationTokenSource();
        var loads = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _node.LoadAsync(TimeSpan.FromMilliseconds(1), stopping.Token, deadline.Token)));
        while (_node.Loads < 100)
        {
            _node.MoveCard();
            await _node.AnyTimeAsync(100, deadline.Token);
        }

        await stopping.CancelAsync();
        await loads;
        await _node.UntilWellAsync(deadline.Token);

        var most = await File.ReadAllTextAsync($"{_group}/{(isOld ? "memory.max_usage_in_bytes" : "memory.peak")}", deadline.Token);
        await TestContext.Out.WriteLineAsync($"limit {limit >> 20} MiB, most {long.Parse(most, CultureInfo.InvariantCulture) >> 20} MiB; {_node.Agent.Figures}");
        Assert.That(
            await File.ReadAllLinesAsync($"{_group}/{(isOld ? "memory.oom_control" : "memory.events")}", deadline.Token), Has.Some.EqualTo("oom_kill 0"));
    }

    private static long Limit
    {
        get
        {
            var line = File.ReadLines(Repository.At("deploy/base/agent/daemonset.yaml")).Last(line => line.Contains("memory: ", StringComparison.Ordinal));
            return long.Parse(line.Trim()["memory: ".Length..^"Mi".Length], CultureInfo.InvariantCulture) << 20;
        }
    }
}
