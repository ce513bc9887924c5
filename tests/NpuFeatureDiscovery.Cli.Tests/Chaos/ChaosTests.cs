namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>
/// Whatever goes wrong, and in which order: the plugin is registered again, its list is right, and it holds no more than before.
/// NPU_CHAOS_ROUNDS for more rounds, NPU_CHAOS_SEED for those of a test that failed, NPU_CHAOS_FAULTS for those alone whose name has
/// this text.
/// </summary>
public sealed class ChaosTests : IAsyncDisposable
{
    /// <summary>Threads come and go with the work, and each has a pipe.</summary>
    private const int RuntimesOwn = 10;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NPU_CHAOS_ROUNDS") ?? "30");
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("NPU_CHAOS_SEED") ?? $"{Environment.TickCount & 0xFFFF}");

    private static readonly string Text = Environment.GetEnvironmentVariable("NPU_CHAOS_FAULTS") ?? "";

    private readonly ChaosNode _node = new(Seed);
    private readonly Recoveries _recoveries = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Test]
    public async Task One_process_outlives_it_all_and_holds_no_more_than_before()
    {
        List<Fault> faults = [.. KubeletEnds.All, .. FolderFaults.All, .. ProcessFaults.All];
        if (await Shell.SucceedsAsync("unshare --mount true", CancellationToken.None))
            faults.AddRange(FolderFaults.Mounted);
        else
            await TestContext.Out.WriteLineAsync("Without full disk and read-only folder: this user may not mount.");

        faults.RemoveAll(fault => !fault.Name.Contains(Text, StringComparison.OrdinalIgnoreCase));
        await StartAsync();
        var id = _node.Plugin.Id;
        // What is made at the first use of something is there after one of each.
        await RunAsync(faults, faults.Count, "warm-up");
        await RestartKubeletAsync();
        var before = _node.Plugin.Figures;
        await RunAsync(faults, Rounds, "round");

        await RestartKubeletAsync();
        var after = await _node.Plugin.SettledFiguresAsync(before, RuntimesOwn, Deadline);
        await TestContext.Out.WriteLineAsync(
            $"seed {Seed}, {Rounds} rounds\n{_recoveries}\nbefore: {before}\nafter:  {after}\n"
            + $"tried again: {_node.AllocationsTriedAgain} allocations");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_node.Plugin.Id, Is.EqualTo(id));
            after.AssertNoMoreThan(before, RuntimesOwn);
        }
    }

    [Test]
    public async Task However_a_plugin_ends_the_next_takes_its_place()
    {
        await StartAsync();
        await RunAsync(PluginEnds.All, Math.Max(PluginEnds.All.Count, Rounds / 5), "round");

        await TestContext.Out.WriteLineAsync($"seed {Seed}\n{_recoveries}");
        Assert.That(
            Directory.GetFiles(_node.PluginFolder).Select(Path.GetFileName),
            Is.EquivalentTo(["DEPRECATION", "furiosa-npu", "kubelet.sock", "kubelet_internal_checkpoint"]));
    }

    private async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _node.StartAsync(deadline.Token);
    }

    /// <summary>One that lives keeps the streams of all registrations, each with its connection.</summary>
    private async Task RestartKubeletAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _node.RestartKubeletAsync(deadline.Token);
        await _node.UntilWellAsync(deadline.Token);
    }

    private async Task RunAsync(IEnumerable<Fault> faults, int rounds, string what)
    {
        foreach (var (round, fault) in Deck.Deal(faults, _node.Random).Take(rounds).Index())
            await RunAsync(fault, $"{what} {round} of {rounds} with seed {Seed}");
    }

    private async Task RunAsync(Fault fault, string what)
    {
        using var happening = new CancellationTokenSource(Deadline);
        using var deadline = new CancellationTokenSource();
        try
        {
            await fault.HappenAsync(_node, happening.Token);
            deadline.CancelAfter(Deadline);
            var over = TimeProvider.System.GetTimestamp();
            await _node.UntilWellAsync(deadline.Token);
            _recoveries.Add(fault.Name, TimeProvider.System.GetElapsedTime(over));
        }
        catch (Exception exception) when (exception is not SuccessException)
        {
            Assert.Fail($"{what}, '{fault.Name}': {exception.Message}\nThe plugin{(_node.Plugin.HasEnded ? " has ended" : "")}:\n{_node.Plugin.Log}");
        }
    }
}
