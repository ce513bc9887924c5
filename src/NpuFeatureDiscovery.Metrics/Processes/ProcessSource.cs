using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Processes;

/// <summary>The process by the names that every Prometheus client gives them.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics.</remarks>
internal sealed class ProcessSource(string proc = "/proc") : IMetricSource, IDisposable
{
    /// <summary>The file is shorter, whatever the program is called.</summary>
    private const int MaxStatusBytes = 4096;

    private readonly Lazy<SafeFileHandle> _status = new(() => File.OpenHandle($"{proc}/self/stat"));

    /// <summary>In seconds since 1970: https://man7.org/linux/man-pages/man5/proc_stat.5.html.</summary>
    private readonly Lazy<long> _bootTime = new(() => BootTime(proc));

    public string Name => "process";

    public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var status = ProcessStatus.Parse(ReadStatus(), Environment.SystemPageSize);
        var openFiles = OpenFiles.Count($"{proc}/self/fd");
        return ValueTask.FromResult<IReadOnlyCollection<MetricFamily>>(
        [
            MetricFamily.Counter(
                "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                [new(status.CpuTime.TotalSeconds)], "seconds"),
            MetricFamily.Gauge("process_open_fds", "Number of open file descriptors.", [new(openFiles)]),
            MetricFamily.Gauge(
                "process_resident_memory_bytes", "Resident memory size in bytes.", [new(status.ResidentBytes)], "bytes"),
            MetricFamily.Gauge(
                "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
                [new(_bootTime.Value + status.StartAfterBoot.TotalSeconds)], "seconds"),
        ]);
    }

    public void Dispose()
    {
        if (_status.IsValueCreated)
            _status.Value.Dispose();
    }

    /// <summary>The kernel makes the text anew for each read from its start.</summary>
    private string ReadStatus()
    {
        Span<byte> text = stackalloc byte[MaxStatusBytes];
        return Encoding.UTF8.GetString(text[..RandomAccess.Read(_status.Value, text, fileOffset: 0)]);
    }

    private static long BootTime(string proc)
    {
        const string Field = "btime ";
        var line = File.ReadLines($"{proc}/stat").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture);
    }
}
