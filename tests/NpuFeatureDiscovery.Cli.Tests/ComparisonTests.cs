using System.Text.Json;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>The comparison with peers runs, and asserts itself that every card is served; what it measures here tells nothing.</summary>
public sealed class ComparisonTests
{
    [Test]
    [CancelAfter(300_000)]
    public async Task Each_figure_of_a_comparison_stands_beside_its_peers(CancellationToken token)
    {
        Need("gcc", "gcc libc6-dev");
        Need("prometheus-node-exporter", "prometheus-node-exporter");
        Need("python3", "python3");

        var result = await TheProgram.ShellAsync("""
            tests/NpuFeatureDiscovery.Benchmarks/compare/run --quick --devices 2 --released "$program" --output json \
                --only size start label scrape
            """, token);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        using var table = JsonDocument.Parse(result.Output);
        var rows = table.RootElement.GetProperty("rows").EnumerateArray()
            .ToDictionary(row => row.GetProperty("figure").GetString()!, row => Programs(row));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows["executable size"], Is.SupersetOf(["node_exporter", "floor", "released"]));
            Assert.That(rows["start: feature file written"], Is.SupersetOf(["floor", "released"]));
            Assert.That(rows["start: first scrape with values"], Is.SupersetOf(["node_exporter", "floor", "released"]));
            Assert.That(rows["label once, nothing new: CPU"], Is.SupersetOf(["floor", "released"]));
            Assert.That(rows["scrape: p99"], Is.SupersetOf(["node_exporter", "floor", "released"]));
        }

        var targets = table.RootElement.GetProperty("targets").EnumerateArray();
        Assert.That(targets.Count(target => target.GetProperty("met").ValueKind != JsonValueKind.Null), Is.GreaterThan(4));
    }

    private static IEnumerable<string> Programs(JsonElement row) =>
        row.GetProperty("values").EnumerateObject().Select(program => program.Name);

    private static void Need(string program, string package)
    {
        if (!File.Exists($"/usr/bin/{program}"))
            Assert.Ignore($"Needs 'apt-get install {package}'.");
    }
}
