using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>Many cards that come and go, and those whose files hang for good.</summary>
public sealed class CardTests : IAsyncDisposable
{
    private const int RuntimesOwn = 12;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_ROUNDS") ?? "1");
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_SEED") ?? "11");

    private FaultNode _node = null!;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Test]
    public async Task When_256_cards_flap_under_load_all_is_right_in_the_end_and_no_list_is_empty_on_the_way()
    {
        await StartAsync(cards: 256);
        var registrations = _node.Kubelet.State.Registrations.Count;
        for (var round = 0; round < Rounds; round++)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            using var stopping = new CancellationTokenSource();
            var load = _node.LoadAsync(TimeSpan.FromMilliseconds(50), stopping.Token, deadline.Token);
            for (var times = 0; times < 256; times++)
            {
                // The first stays, so that there is always one to give.
                _node.MoveCard(1 + _node.Random.Next(255));
                if (times % 16 == 0)
                    await _node.AnyTimeAsync(100, deadline.Token);
            }

            await _node.UntilWellAsync(deadline.Token);
            await stopping.CancelAsync();
            await load;
        }

        using var last = new CancellationTokenSource(Deadline);
        _node.PutBackAll();
        await _node.UntilWellAsync(last.Token);
        var lists = _node.Kubelet.State.ListsOf(FaultNode.Resource).ToArray();
        await TestContext.Out.WriteLineAsync($"{Rounds} rounds, {lists.Length} lists, {_node.Loads} scrapes and allocations, {_node.Agent.Figures}");
        Assert.That(lists, Has.All.Matches<DeviceList>(list => list!.Devices.Any(device => device.IsHealthy)));
        Assert.That(_node.Kubelet.State.Registrations, Has.Count.EqualTo(registrations));
        Assert.That(await _node.DuplicatesAsync(last.Token), Is.Empty);
    }

    [Test]
    public async Task Cards_whose_files_hang_for_good_hold_up_nobody_and_pile_up_no_threads()
    {
        await StartAsync(cards: 8);
        using var deadline = new CancellationTokenSource(Deadline);
        await _node.HangAsync(1);
        await _node.HangAsync(6);
        await _node.UntilWellAsync(deadline.Token);
        var before = _node.Agent.Figures;

        for (var times = 0; times < 8; times++)
        {
            await _node.ScrapeAsync(deadline.Token);
            await _node.AnyTimeAsync(1500, deadline.Token);
        }

        var after = _node.Agent.Figures;
        Assert.That(after.Threads, Is.LessThanOrEqualTo(before.Threads + RuntimesOwn), $"before: {before}\nafter: {after}");
        _node.EndHang(1);
        _node.EndHang(6);
        await _node.UntilWellAsync(deadline.Token);
        Assert.That(await _node.Agent.EndAsync("TERM", deadline.Token), Is.Zero);
    }

    private async Task StartAsync(int cards)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        _node = new FaultNode(Seed, "file", cards);
        await _node.StartAsync(deadline.Token);
        _node.StartAgent();
        await _node.UntilWellAsync(deadline.Token);
    }
}
