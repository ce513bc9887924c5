using System.Collections.Concurrent;
using System.Diagnostics;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>A process whose log is read all the time and whose last lines are kept, and what it holds.</summary>
internal abstract class ObservedProcess : IDisposable
{
    private readonly Process _process;
    private readonly int _keptLines;
    private readonly ConcurrentQueue<string> _lines = new();

    protected ObservedProcess(Process process, int keptLines)
    {
        (_process, _keptLines) = (process, keptLines);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Log => string.Join('\n', _lines);

    public ProcessFigures Figures => ProcessFigures.Of(Id);

    /// <summary>What it holds when connections that have ended are closed and threads without work are gone.</summary>
    public async Task<ProcessFigures> SettledFiguresAsync(ProcessFigures before, int runtimesOwn, TimeSpan atMost)
    {
        using var deadline = new CancellationTokenSource(atMost);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var figures = Figures;
        while (!figures.AreNoMoreThan(before, runtimesOwn) && !deadline.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            figures = Figures;
        }

        return figures;
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

    /// <summary>From the constructor on, on another thread.</summary>
    protected virtual void Take(string line)
    {
    }

    protected virtual void TakeEnd()
    {
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            TakeEnd();
            return;
        }

        _lines.Enqueue(line);
        while (_lines.Count > _keptLines)
            _lines.TryDequeue(out _);

        Take(line);
    }
}
