using System.Collections.Concurrent;
using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>A plugin as a process of its own, whose log is read all the time and whose last lines are kept.</summary>
internal sealed class PluginProcess : IDisposable
{
    private const int KeptLines = 40;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    public PluginProcess(params IEnumerable<string> arguments)
    {
        _process = TheProgram.Start(arguments);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Log => string.Join('\n', _lines);

    public ProcessFigures Figures => ProcessFigures.Of(Id);

    public Task SignalAsync(string signal, CancellationToken token) => Shell.RunAsync($"kill -{signal} {Id}", token);

    public async Task EndAsync(string signal, CancellationToken token)
    {
        await SignalAsync(signal, token);
        await _process.WaitForExitAsync(token);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        _lines.Enqueue(line);
        while (_lines.Count > KeptLines)
            _lines.TryDequeue(out _);
    }
}
