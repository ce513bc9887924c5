using NpuFeatureDiscovery.Cli.Tests.Chaos;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>
/// Whatever goes wrong around an agent that does all there is to do: within the seconds that are stated for each fault its labels, the
/// kubelet's list, what the kubelet is given and the metrics are right again, each once, and the process holds no more than before.
/// NPU_FAULT_ROUNDS for more rounds, NPU_FAULT_SEED for others than those of every run, NPU_FAULTS for those faults alone whose name
/// has this text.
/// </summary>
/// <remarks>What a kubelet does to its plugins in detail is <see cref="ChaosTests"/>'s.</remarks>
public sealed class FaultTests : IAsyncDisposable
{
    /// <summary>Threads come and go with the work, and each has a pipe; connections are kept for a while.</summary>
    private const int RuntimesOwn = 12;

    private static readonly TimeSpan Happening = TimeSpan.FromSeconds(90);
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_ROUNDS") ?? "0");
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_SEED") ?? "11");
    private static readonly string Text = Environment.GetEnvironmentVariable("NPU_FAULTS") ?? "";

    private readonly Recoveries _recoveries = new();
    private FaultNode _node = null!;

    public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Test]
    public Task One_agent_that_labels_its_Node_outlives_what_an_API_server_does() => OutliveAsync("node", ApiFaults.All);

    [Test]
    public async Task One_agent_that_writes_a_file_outlives_what_a_host_does()
    {
        List<AgentFault> faults = [.. HostFaults.All, .. FileFaults.All];
        if (await Shell.SucceedsAsync("unshare --mount true", CancellationToken.None))
            faults.AddRange(FileFaults.Mounted);
        else
            await TestContext.Out.WriteLineAsync("Without full disk and read-only file system: this user may not mount.");

        await OutliveAsync("file", faults);
    }

    private async Task OutliveAsync(string output, IReadOnlyList<AgentFault> all)
    {
        AgentFault[] faults = [.. all.Where(fault => fault.Name.Contains(Text, StringComparison.OrdinalIgnoreCase))];
        _node = new FaultNode(Seed, output);
        using (var deadline = new CancellationTokenSource(Happening))
        {
            await _node.StartAsync(deadline.Token);
            _node.StartAgent();
            await _node.UntilWellAsync(deadline.Token);
        }

        // What is made at the first use of something is there after one of each.
        await RunAsync(faults, faults.Length);
        await SettleAsync();
        var before = _node.Agent.Figures;
        await RunAsync(faults, Math.Max(Rounds, faults.Length));
        await SettleAsync();
        var after = await _node.Agent.SettledFiguresAsync(before, RuntimesOwn, Happening);

        await TestContext.Out.WriteLineAsync($"seed {Seed}\n{_recoveries}\nbefore: {before}\nafter:  {after}");
        after.AssertNoMoreThan(before, RuntimesOwn);
    }

    private async Task RunAsync(AgentFault[] faults, int rounds)
    {
        foreach (var (round, fault) in Deck.Deal(faults, _node.Random).Take(rounds).Index())
            await RunAsync(fault, $"round {round} of {rounds} with seed {Seed}");
    }

    private async Task RunAsync(AgentFault fault, string round)
    {
        using var happening = new CancellationTokenSource(Happening);
        using var deadline = new CancellationTokenSource();
        try
        {
            await fault.HappenAsync(_node, happening.Token);
            deadline.CancelAfter(TimeSpan.FromSeconds(fault.Seconds));
            var over = TimeProvider.System.GetTimestamp();
            await _node.UntilWellAsync(deadline.Token);
            _recoveries.Add($"{fault.Name} (within {fault.Seconds} s)", TimeProvider.System.GetElapsedTime(over));
        }
        catch (Exception exception) when (exception is not SuccessException)
        {
            Assert.Fail($"{round}, '{fault.Name}': {exception.Message}\nThe agent{(_node.Agent.HasEnded ? " has ended" : "")}:\n{_node.Agent.Log}");
        }
    }

    /// <summary>A kubelet that lives keeps the streams of all registrations, each with its connection; so a new one, and all cards.</summary>
    private async Task SettleAsync()
    {
        using var deadline = new CancellationTokenSource(Happening);
        _node.PutBackAll();
        await _node.Kubelet.KillAsync();
        await _node.Kubelet.StartAsync(deadline.Token);
        await _node.UntilWellAsync(deadline.Token);
        Assert.That(await _node.DuplicatesAsync(deadline.Token), Is.Empty);
    }
}
