using BenchmarkDotNet.Reports;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>Whether the cost is linear in the cards: what one of many costs beside one of a few.</summary>
internal static class CostPerDevice
{
    private const int Few = 8;
    private const int Many = 256;
    private const double Limit = 1.2;

    public static void Print(IEnumerable<Summary> summaries)
    {
        var reports = summaries.SelectMany(summary => summary.Reports)
            .Where(report => report.Success && report.BenchmarkCase.Parameters.Items.Any(item => item.Name == nameof(HostBenchmark.Devices)))
            .GroupBy(report => report.BenchmarkCase.Descriptor.DisplayInfo);
        foreach (var benchmark in reports)
        {
            if (benchmark.SingleOrDefault(report => Devices(report) == Few) is { } few
                && benchmark.SingleOrDefault(report => Devices(report) == Many) is { } many)
            {
                var ratio = many.ResultStatistics!.Mean / Many / (few.ResultStatistics!.Mean / Few);
                Console.WriteLine($"{benchmark.Key}: a card of {Many} costs {ratio:0.00} times one of {Few}, {(ratio <= Limit ? "" : "not ")}"
                    + $"within {Limit}");
            }
        }
    }

    private static int Devices(BenchmarkReport report) => (int)report.BenchmarkCase.Parameters[nameof(HostBenchmark.Devices)];
}
