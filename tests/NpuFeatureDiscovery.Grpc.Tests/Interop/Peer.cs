using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Grpc.Tests.Interop;

/// <summary>A client or server of another make, in a process of its own that writes what it sees.</summary>
internal abstract class Peer : IDisposable
{
    private Process? _process;

    public string SocketPath => Folder.At("peer.sock");

    protected TemporaryFolder Folder { get; } = new();

    protected static string Tests => TestContext.CurrentContext.TestDirectory;

    /// <summary>Skips the test where the machine lacks what it takes, and says so.</summary>
    public abstract Task RequireAsync(CancellationToken token);

    public async Task<StreamReader> StartAsync(string role, string target, CancellationToken token)
    {
        await PrepareAsync(token);
        var start = NewStart(role, target);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        return _process.StandardOutput;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }

        Folder.Dispose();
    }

    protected virtual Task PrepareAsync(CancellationToken token) => Task.CompletedTask;

    protected abstract ProcessStartInfo NewStart(string role, string target);

    protected static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken token)
    {
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        await process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return process.ExitCode;
    }
}
