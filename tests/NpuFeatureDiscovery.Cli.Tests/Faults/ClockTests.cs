using System.Globalization;
using NpuFeatureDiscovery.Cli.Tests.Chaos;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>Somebody sets the machine's clock, far forward and far back, while an agent runs: its process alone is shown it.</summary>
public sealed class ClockTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>At an interval of five seconds.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private readonly FaultNode _node = new(seed: 11, "file");

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task When_the_clock_jumps_changes_are_still_told_and_the_lease_is_that_of_the_new_time()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await StartAsync(deadline.Token);
        var registrations = _node.Kubelet.State.Registrations.Count;

        foreach (var jump in (TimeSpan[])[TimeSpan.FromHours(2), TimeSpan.Zero, TimeSpan.FromDays(-30), TimeSpan.FromDays(3650), TimeSpan.Zero])
        {
            Set(jump);
            _node.MoveCard();
            await _node.UntilWellAsync(deadline.Token);
            await UntilLeaseFitsAsync(jump, deadline.Token);
        }

        Assert.That(_node.Kubelet.State.Registrations, Has.Count.EqualTo(registrations));
        Assert.That(await _node.DuplicatesAsync(deadline.Token), Is.Empty);
        Assert.That(await _node.Agent.EndAsync("TERM", deadline.Token), Is.Zero);
    }

    private async Task StartAsync(CancellationToken token)
    {
        var source = Repository.At("tests/NpuFeatureDiscovery.Cli.Tests/Faults/clock.c");
        if (!await Shell.SucceedsAsync($"gcc -shared -fPIC -O2 -o {_folder.At("clock.so")} {source}", token))
            Assert.Ignore("Needs gcc, for a library that shows a process another time.");

        Set(TimeSpan.Zero);
        await _node.StartAsync(token);
        _node.StartAgent($"env LD_PRELOAD={_folder.At("clock.so")} NPU_CLOCK_FILE={_folder.At("offset")}");
        await _node.UntilWellAsync(token);
    }

    /// <summary>In place, since the process has the file mapped.</summary>
    private void Set(TimeSpan jump)
    {
        using var file = File.OpenHandle(_folder.At("offset"), FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, BitConverter.GetBytes((long)jump.TotalSeconds), fileOffset: 0);
    }

    private async Task UntilLeaseFitsAsync(TimeSpan jump, CancellationToken token)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var now = DateTimeOffset.UtcNow + jump;
            var line = File.ReadLines(_node.FeatureFile).First();
            var expiry = DateTimeOffset.Parse(line["# +expiry-time=".Length..], CultureInfo.InvariantCulture);
            if (expiry > now && expiry < now + (Lease * 1.5))
                return;

            await timer.WaitForNextTickAsync(token);
        }
    }
}
