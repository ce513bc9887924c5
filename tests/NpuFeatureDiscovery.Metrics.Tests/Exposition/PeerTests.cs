using System.ComponentModel;
using System.Diagnostics;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Tests.Exposition;

/// <summary>What others' readers say of our texts; skipped where they are not installed.</summary>
[CancelAfter(60_000)]
public sealed class PeerTests
{
    /// <summary>Prometheus' linter minds habits as well, which the sample breaks on purpose: those families are left out.</summary>
    private static readonly string[] Unusual = ["limits", "furiosa_npu_hw_temperature"];

    [Test]
    public async Task Prometheus_promtool_has_nothing_to_say_of_its_text(CancellationToken token)
    {
        var families = Formats.Sample().Where(family => !Unusual.Contains(family.Name));

        var (exitCode, output) = await RunAsync(
            "promtool", ["check", "metrics"], MetricsFormat.PrometheusText.Print(families), "prometheus", token);

        Assert.That((exitCode, output), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task Prometheus_client_for_Python_reads_OpenMetrics(CancellationToken token)
    {
        const string Script = """
            import sys
            try:
                from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
            except ImportError:
                sys.exit(77)
            text = sys.stdin.buffer.read().decode('utf-8')
            for family in parse(text):
                print(family.name, family.type, family.unit, len(family.samples), sep='|')
            """;

        var (exitCode, output) = await RunAsync(
            "/usr/bin/python3", ["-c", Script], MetricsFormat.OpenMetrics.Print(Formats.Sample()), "python3-prometheus-client", token);

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Is.EqualTo("""
            build|info||1
            calls|counter||3
            cpu_seconds|counter|seconds|1
            duration_seconds|histogram|seconds|11
            furiosa_npu_hw_temperature|gauge||1
            limits|gauge||2
            offset|histogram||3
            tricky|gauge||1

            """));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(
        string program, string[] arguments, string input, string package, CancellationToken token)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1", ["PYTHONIOENCODING"] = "utf-8" },
        };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(token);
            var errors = process.StandardError.ReadToEndAsync(token);
            await process.StandardInput.WriteAsync(input.AsMemory(), token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(token);
            if (process.ExitCode == 77)
                Assert.Ignore($"Needs 'apt-get install {package}'.");

            return (process.ExitCode, await output + await errors);
        }
        catch (Win32Exception)
        {
            Assert.Ignore($"Needs 'apt-get install {package}'.");
            throw;
        }
    }
}
