using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>Has the performance counters of fused cores go on as if they ran a task half of the time, at 2 GHz.</summary>
internal sealed class BusyCores : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _work;

    public BusyCores(HostTree host, string device) =>
        _work = WorkAsync(host, $"/sys/class/npu_mgmt/{device}pe0-1/perf_regs", _end.Token);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _end.Dispose();
    }

    private static async Task WorkAsync(HostTree host, string path, CancellationToken end)
    {
        using var timer = new PeriodicTimer(Step);
        var clock = Stopwatch.StartNew();
        try
        {
            do
            {
                var cycles = (ulong)(clock.Elapsed.TotalSeconds * 2e9);
                host.Write(path, $"""
                    TaskExecutionTime: 0x{(uint)(cycles / 2):x}
                    TensorExecutionTime: 0x{(uint)(cycles / 4):x}
                    CycleCount: 0x{(uint)cycles:x}
                    CycleCountHigh: 0x{cycles >> 32:x}

                    """);
            }
            while (await timer.WaitForNextTickAsync(end));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
