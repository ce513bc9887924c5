using System.Collections.Concurrent;
using System.Diagnostics;
using NpuFeatureDiscovery.Cli.Tests.Chaos;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>An agent as a process of its own, whose log is read all the time.</summary>
internal sealed class AgentProcess : IDisposable
{
    private const int KeptLines = 200;

    private static readonly string[] Troubles = [" warn: ", " fail: ", " crit: "];

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="kubeconfig">The API server that it is to find.</param>
    /// <param name="wrapper">What it is started by, as bash reads it; it has to become the agent, as <c>env</c> does.</param>
    /// <param name="arguments">Those of <c>agent</c>.</param>
    public AgentProcess(string kubeconfig, string wrapper, string arguments)
    {
        _process = TheProgram.StartShell($"export KUBECONFIG={kubeconfig}; exec {wrapper} \"$program\" agent {arguments}");
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Log => string.Join('\n', _lines);

    public ProcessFigures Figures => ProcessFigures.Of(Id);

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

    public Task SignalAsync(string signal, CancellationToken token) => Shell.RunAsync($"kill -{signal} {Id}", token);

    /// <returns>The exit code: 128 and the signal's number where the signal ended it.</returns>
    public async Task<int> EndAsync(string signal, CancellationToken token)
    {
        await SignalAsync(signal, token);
        await _process.WaitForExitAsync(token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            _address.TrySetException(new InvalidOperationException($"The agent has ended:\n{Log}"));
            return;
        }

        _lines.Enqueue(line);
        while (_lines.Count > KeptLines)
            _lines.TryDequeue(out _);

        if (line.Contains("Serving /metrics", StringComparison.Ordinal))
            _address.TrySetResult(new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}"));
        if (Troubles.Any(level => line.Contains(level, StringComparison.Ordinal)))
            _troubles.Enqueue(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }
}
