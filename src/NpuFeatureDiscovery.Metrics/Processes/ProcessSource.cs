using System.Buffers.Text;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Processes;

/// <summary>The process by the names that every Prometheus client gives them.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics.</remarks>
internal sealed class ProcessSource : IMetricSource, IDisposable
{
    /// <summary>Numbers of pages, the second of which is of those in RAM: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html.</summary>
    private readonly Lazy<SafeFileHandle> _memory = new(() => File.OpenHandle("/proc/self/statm"));

    /// <summary>In seconds since 1970.</summary>
    private readonly Lazy<double> _startTime = new(() =>
        BootTime() + ProcessStart.AfterBoot(File.ReadAllText("/proc/self/stat")).TotalSeconds);

    public string Name => "process";

    public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyCollection<MetricFamily>>(
        [
            MetricFamily.Counter(
                "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                [new(Environment.CpuUsage.TotalTime.TotalSeconds)], "seconds"),
            MetricFamily.Gauge("process_open_fds", "Number of open file descriptors.", [new(OpenFiles.Count("/proc/self/fd"))]),
            MetricFamily.Gauge("process_resident_memory_bytes", "Resident memory size in bytes.", [new(ResidentBytes())], "bytes"),
            MetricFamily.Gauge(
                "process_start_time_seconds", "Start time of the process since unix epoch in seconds.", [new(_startTime.Value)],
                "seconds"),
        ]);

    public void Dispose()
    {
        if (_memory.IsValueCreated)
            _memory.Value.Dispose();
    }

    /// <summary>The kernel makes the text anew for each read from its start.</summary>
    private long ResidentBytes()
    {
        Span<byte> text = stackalloc byte[256];
        text = text[..RandomAccess.Read(_memory.Value, text, fileOffset: 0)];
        _ = Utf8Parser.TryParse(text[(text.IndexOf((byte)' ') + 1)..], out long pages, out _);
        return pages * Environment.SystemPageSize;
    }

    private static long BootTime()
    {
        const string Field = "btime ";
        var line = File.ReadLines("/proc/stat").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture);
    }
}
