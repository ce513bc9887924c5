using System.Diagnostics;
using System.Text;

namespace NpuFeatureDiscovery.Testing;

/// <summary>The program while it runs: what it logs, and signals. It is ended with the test.</summary>
public sealed class Daemon : IDisposable
{
    private readonly Process _process;

    public Daemon(params IEnumerable<string> arguments) => _process = TheProgram.Start(arguments);

    private Daemon(Process process) => _process = process;

    /// <summary>Starts it beside the API server that a kubeconfig file names.</summary>
    public static Daemon StartIn(string kubeconfig, params IEnumerable<string> arguments) =>
        new(TheProgram.StartIn(kubeconfig, arguments));

    /// <summary>Starts it with environment variables.</summary>
    public static Daemon StartWith(Dictionary<string, string> environment, params IEnumerable<string> arguments) =>
        new(TheProgram.StartWith(environment, arguments));

    /// <summary>Starts what a script of bash ends with, by <c>exec</c>, in the repository's root.</summary>
    public static Daemon StartShell(string script) => new(TheProgram.StartShell(script));

    public int Id => _process.Id;

    /// <summary>Waits for a line of the log that holds a text.</summary>
    public async Task<string> WaitForAsync(string text, CancellationToken token)
    {
        var log = new StringBuilder();
        while (await _process.StandardError.ReadLineAsync(token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;

            log.AppendLine(line);
        }

        throw new InvalidOperationException($"The program ended before it logged '{text}'. It logged: {log}");
    }

    /// <summary>Sends a signal, and waits for the end.</summary>
    /// <returns>The exit code, and what was logged since the last line that was waited for.</returns>
    public async Task<(int ExitCode, string Log)> EndAsync(string signal, CancellationToken token)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        var log = await _process.StandardError.ReadToEndAsync(token);
        await _process.WaitForExitAsync(token);
        return (_process.ExitCode, log);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.Dispose();
    }
}
