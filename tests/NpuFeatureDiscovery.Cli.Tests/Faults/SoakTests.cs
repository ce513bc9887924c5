using NpuFeatureDiscovery.Cli.Tests.Chaos;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>
/// One agent under churn: cards, ConfigMap, kubelet and API server change and fail one after the other while it is scraped and asked to
/// allocate, and what it holds is noted all the while. NPU_SOAK_SECONDS for longer: 3600 for the hour of a release. What was noted
/// goes to artifacts/soak, as a table and as a picture.
/// </summary>
public sealed class SoakTests : IAsyncDisposable
{
    /// <summary>Threads come and go with the work, and each has a pipe; connections are kept for a while.</summary>
    private const int RuntimesOwn = 12;

    /// <summary>A run that is shorter ends before the runtime has compiled what it runs, and says nothing of memory.</summary>
    private const int LongSeconds = 600;

    private const int GrowthKilobytes = 4 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("NPU_SOAK_SECONDS") ?? "20");
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_SEED") ?? "11");

    private readonly FaultNode _node = new(Seed, "node");
    private readonly List<SoakSample> _samples = [];

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Test]
    public async Task Under_churn_it_holds_no_more_than_before()
    {
        await StartAsync();
        AgentFault[] churn = [.. HostFaults.All, .. ApiFaults.All];
        foreach (var fault in Seconds < LongSeconds ? [] : churn)
            await RunAsync(fault);

        await SettleAsync();
        var before = _node.Agent.Figures;
        using var ending = new CancellationTokenSource();
        var notes = NoteAsync(ending.Token);
        var load = _node.LoadAsync(TimeSpan.FromMilliseconds(200), ending.Token, CancellationToken.None);
        var began = TimeProvider.System.GetTimestamp();
        var faults = 0;
        foreach (var fault in Deck.Deal(churn, _node.Random).TakeWhile(_ => TimeProvider.System.GetElapsedTime(began).TotalSeconds < Seconds))
        {
            await RunAsync(fault);
            faults++;
        }

        await ending.CancelAsync();
        await notes;
        var report = new SoakReport(_samples, $"seed {Seed}, {faults} faults, {_node.Loads} scrapes and allocations");
        await report.SaveAsync();
        await load;
        await SettleAsync();
        var after = await _node.Agent.SettledFiguresAsync(before, RuntimesOwn, Deadline);
        await TestContext.Out.WriteLineAsync($"{report}\nbefore: {before}\nafter:  {after}");
        using (Assert.EnterMultipleScope())
        {
            after.AssertNoMoreThan(before, RuntimesOwn);
            if (Seconds >= LongSeconds)
                Assert.That(report.GrowthKilobytes, Is.LessThanOrEqualTo(GrowthKilobytes), "RssAnon from the second quarter to the last, in kB");
        }
    }

    private async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _node.StartAsync(deadline.Token);
        _node.StartAgent();
        await _node.UntilWellAsync(deadline.Token);
    }

    private async Task RunAsync(AgentFault fault)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await fault.HappenAsync(_node, deadline.Token);
            await _node.UntilWellAsync(deadline.Token);
        }
        catch (Exception exception) when (exception is not SuccessException)
        {
            Assert.Fail($"'{fault.Name}': {exception.Message}\nThe agent:\n{_node.Agent.Log}");
        }
    }

    private async Task SettleAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        _node.PutBackAll();
        await _node.Kubelet.KillAsync();
        await _node.Kubelet.StartAsync(deadline.Token);
        await _node.UntilWellAsync(deadline.Token);
    }

    private async Task NoteAsync(CancellationToken ending)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(1, Seconds / 240)));
        while (!ending.IsCancellationRequested)
        {
            _samples.Add(new SoakSample(TimeProvider.System.GetElapsedTime(began), _node.Agent.Figures));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
