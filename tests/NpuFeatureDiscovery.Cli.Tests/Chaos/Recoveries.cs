using System.Text;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>How long all took to be well again after each kind of fault.</summary>
internal sealed class Recoveries
{
    private readonly SortedDictionary<string, List<TimeSpan>> _times = new(StringComparer.Ordinal);

    public void Add(string fault, TimeSpan time)
    {
        if (!_times.TryGetValue(fault, out var times))
            _times[fault] = times = [];

        times.Add(time);
    }

    /// <summary>A table of p50, p99 and the longest.</summary>
    public override string ToString()
    {
        var table = new StringBuilder();
        foreach (var (fault, times) in _times)
            table.AppendLine(Row(fault, times));

        return table.Append(Row("all", [.. _times.Values.SelectMany(times => times)])).ToString();
    }

    private static string Row(string fault, List<TimeSpan> times)
    {
        times.Sort();
        return $"{fault,-52} {times.Count,5} rounds, ms: p50 {At(times, 50),6:0} p99 {At(times, 99),6:0} max {At(times, 100),6:0}";
    }

    private static double At(List<TimeSpan> sorted, int percent) =>
        sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)].TotalMilliseconds;
}
