using System.Collections.Concurrent;
using NpuFeatureDiscovery.Cli.Tests.Chaos;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>An agent as a process of its own.</summary>
internal sealed class AgentProcess : ObservedProcess
{
    private static readonly string[] Troubles = [" warn: ", " fail: ", " crit: "];

    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="kubeconfig">The API server that it is to find.</param>
    /// <param name="wrapper">What it is started by, as bash reads it; it has to become the agent, as <c>env</c> does.</param>
    /// <param name="arguments">Those of <c>agent</c>.</param>
    public AgentProcess(string kubeconfig, string wrapper, string arguments)
        : base(TheProgram.StartShell($"export KUBECONFIG={kubeconfig}; exec {wrapper} \"$program\" agent {arguments}"), keptLines: 200)
    {
    }

    /// <summary>Where it serves its metrics, once it does.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public Task<Uri> AddressAsync(CancellationToken token) => _address.Task.WaitAsync(token);

    /// <summary>The warnings and errors since this was asked last, without their times.</summary>
    public IReadOnlyList<string> TakeTroubles()
    {
        var troubles = new List<string>();
        while (_troubles.TryDequeue(out var line))
            troubles.Add(line);

        return troubles;
    }

    /// <summary>Waits for a warning or an error that holds a text, and that was not taken yet.</summary>
    public async Task WaitForTroubleAsync(string text, CancellationToken token)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_troubles.Any(line => line.Contains(text, StringComparison.Ordinal)))
            await timer.WaitForNextTickAsync(token);
    }

    protected override void Take(string line)
    {
        if (line.Contains("Serving /metrics", StringComparison.Ordinal))
            _address.TrySetResult(new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}"));
        if (Troubles.Any(level => line.Contains(level, StringComparison.Ordinal)))
            _troubles.Enqueue(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }

    protected override void TakeEnd() => _address.TrySetException(new InvalidOperationException($"The agent has ended:\n{Log}"));
}
