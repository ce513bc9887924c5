using System.Net.Sockets;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>
/// An agent that is ended at any point of its life, from the first instant on: it leaves nothing half done, and the next takes its
/// place. NPU_FAULT_KILLS for more rounds than those of every run; a thousand take an hour. NPU_FAULT_SEED for others.
/// </summary>
[TestFixture("file")]
[TestFixture("node")]
public sealed class EndTests(string output) : IAsyncDisposable
{
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    /// <summary>Kubernetes kills what has not ended 30 seconds after SIGTERM.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_KILLS") ?? "8");
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("NPU_FAULT_SEED") ?? "11");

    private readonly FaultNode _node = new(Seed, output);
    private TcpClient? _half;

    public ValueTask DisposeAsync()
    {
        _half?.Dispose();
        return _node.DisposeAsync();
    }

    [Test]
    public async Task An_agent_that_is_killed_at_any_point_leaves_nothing_half_done_and_the_next_takes_over()
    {
        await StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            _node.StartAgent();
            _node.MoveCard();
            await _node.AnyTimeAsync(2500, deadline.Token);
            Assert.That(await _node.Agent.EndAsync("KILL", deadline.Token), Is.EqualTo(Killed), $"round {round}\n{_node.Agent.Log}");
            AssertWhole($"round {round} with seed {Seed}");
            if (round % 10 == 9)
                await NextIsWellAsync("KILL");
        }

        await NextIsWellAsync("TERM");
    }

    [Test]
    public async Task An_agent_that_is_terminated_at_any_point_ends_in_time_and_by_itself()
    {
        await StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            _node.StartAgent();
            await _node.AnyTimeAsync(2000, deadline.Token);
            await TerminateAsync($"round {round} with seed {Seed}");
        }

        await NextIsWellAsync("TERM");
    }

    [Test]
    public async Task An_agent_is_terminated_in_time_whatever_hangs()
    {
        await StartAsync();
        foreach (var (name, hangAsync, endAsync) in Hangs)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            _node.StartAgent();
            await _node.UntilWellAsync(deadline.Token);
            await hangAsync(deadline.Token);
            await _node.AnyTimeAsync(1500, deadline.Token);
            await TerminateAsync(name);
            await endAsync(deadline.Token);
        }

        await NextIsWellAsync("TERM");
    }

    private (string Name, Func<CancellationToken, Task> HangAsync, Func<CancellationToken, Task> EndAsync)[] Hangs =>
    [
        ("API server never answers", _ => Do(() => { _node.Api.Outage = ApiOutage.Hang; _node.MoveCard(); }), _ => Do(() => _node.Api.Outage = null)),
        ("API server holds its connections", _ => Do(() => { _node.Proxy.Hold(); _node.MoveCard(); }), _ => Do(_node.Proxy.Release)),
        ("kubelet hangs", HangKubeletAsync, RestoreKubeletAsync),
        ("a card's file hangs", _ => _node.HangAsync(1), _ => Do(() => _node.EndHang(1))),
        ("a client sends half a request", HalfRequestAsync, _ => Do(() => _half?.Dispose())),
    ];

    private async Task HangKubeletAsync(CancellationToken token)
    {
        _node.Kubelet.Faults.HangsRegistrations = true;
        await _node.Kubelet.KillAsync();
        await _node.Kubelet.StartAsync(token);
        await _node.Kubelet.WaitForAsync(state => state.Registrations is [.., var last] && last.Start == state.Starts, token);
    }

    private async Task RestoreKubeletAsync(CancellationToken token)
    {
        _node.Kubelet.Faults.HangsRegistrations = false;
        await _node.Kubelet.KillAsync();
        await _node.Kubelet.StartAsync(token);
    }

    private async Task HalfRequestAsync(CancellationToken token)
    {
        var address = await _node.Agent.AddressAsync(token);
        _half = new TcpClient(address.Host, address.Port);
        await _half.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: "u8.ToArray(), token);
    }

    private async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _node.StartAsync(deadline.Token);
    }

    private async Task TerminateAsync(string what)
    {
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            var exitCode = await _node.Agent.EndAsync("TERM", grace.Token);
            // Before it could say a word it is ended as any program is.
            Assert.That(exitCode, _node.Agent.Log is "" ? Is.Zero.Or.EqualTo(Terminated) : Is.Zero, $"{what}\n{_node.Agent.Log}");
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{what}: it has not ended within {Grace.TotalSeconds} s of SIGTERM.\n{_node.Agent.Log}");
        }

        AssertWhole(what);
        Assert.That(Path.Combine(_node.PluginFolder, "furiosa-npu"), Does.Not.Exist, what);
        Assert.That(Directory.GetDirectories(_node.FeaturesFolder).SelectMany(Directory.GetFiles), Is.Empty, what);
    }

    /// <summary>NFD finds one file, and no line of it is half.</summary>
    private void AssertWhole(string what)
    {
        Assert.That(Directory.GetFiles(_node.FeaturesFolder), Is.SubsetOf((string[])[_node.FeatureFile]), what);
        if (!File.Exists(_node.FeatureFile))
            return;

        var text = File.ReadAllText(_node.FeatureFile);
        Assert.That(text, Does.StartWith("# +expiry-time=").And.EndsWith("\n"), what);
        Assert.That(text.Split('\n').Count(line => line.StartsWith("beta.furiosa.ai/npu.count=", StringComparison.Ordinal)), Is.EqualTo(1), what);
    }

    private async Task NextIsWellAsync(string end)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        // One that lives may not have noticed yet that the agents before have ended.
        await _node.Kubelet.RestartAsync(deadline.Token);
        _node.StartAgent();
        await _node.UntilWellAsync(deadline.Token);
        Assert.That(await _node.DuplicatesAsync(deadline.Token), Is.Empty);
        await _node.Agent.EndAsync(end, deadline.Token);
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
