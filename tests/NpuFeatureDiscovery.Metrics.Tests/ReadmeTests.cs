using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Npus;

namespace NpuFeatureDiscovery.Metrics.Tests;

public sealed class ReadmeTests
{
    [Test]
    public void The_code_of_the_README_compiles() =>
        Assert.That(Statements(CodeOf(File.ReadLines(ThisFolder("../../src/NpuFeatureDiscovery.Metrics/README.md")))),
            Is.Not.Empty.And.SubsetOf(Statements(File.ReadLines(ThisFolder("ReadmeTests.cs")))));

    internal static async Task ServeAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddNpuEndpoint(endpoint =>
        {
            endpoint.Address = EndpointAddress.Parse(":8080");
            endpoint.Meters.Add("Example.Agent");
        });
        builder.Services.AddHealthChecks()
            .AddCheck("kubelet", () => HealthCheckResult.Healthy(), [HealthCheckTags.Ready]);
        await builder.Build().RunAsync();
    }

    internal static void AddNpus(HostApplicationBuilder builder)
    {
        builder.Services.AddNpuMetrics(npus =>
        {
            npus.Profiles = [MetricProfiles.BaseUnits];
            npus.Utilization = true;
            npus.PodLabels = true;
        });
    }

    internal static void AddSource(HostApplicationBuilder builder)
    {
        // builder.Services.AddSingleton<IMetricSource, RoomSource>();
        builder.Services.AddSingleton<IMetricSource, RoomSource>();
    }

    private static IEnumerable<string> CodeOf(IEnumerable<string> readme)
    {
        var isCode = false;
        foreach (var line in readme)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isCode = line == "```csharp";
            else if (isCode)
                yield return line;
        }
    }

    private static string[] Statements(IEnumerable<string> lines) => [.. lines.Select(line => line.Trim())
        .Where(line => line.Length > 0 && !(line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=')))];

    private static string ThisFolder(string file, [CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, file);

    internal sealed class RoomSource : IMetricSource
    {
        public async ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            var text = await File.ReadAllTextAsync("/run/room", cancellationToken);
            var sample = new MetricSample(double.Parse(text, CultureInfo.InvariantCulture), ("room", "attic"));
            return [MetricFamily.Gauge("room_temperature_celsius", "Temperature of a room.", [sample], "celsius")];
        }
    }
}
