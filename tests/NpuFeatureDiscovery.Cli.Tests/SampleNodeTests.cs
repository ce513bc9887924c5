using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class SampleNodeTests
{
    private static IEnumerable<string> Samples =>
        Directory.GetDirectories(Repository.At("samples/nodes")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!;

    [TestCaseSource(nameof(Samples))]
    public async Task A_sample_node_has_the_labels_that_stand_beside_it(string sample)
    {
        var result = await CommandLine.RunAsync(
            "label", "--oneshot", "--root", Repository.At($"samples/nodes/{sample}"), "--output", "-", "--log-level", "error");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Is.EqualTo(await File.ReadAllTextAsync(Repository.At($"samples/nodes/{sample}.labels"))));
        }
    }

    [Test]
    public void There_is_a_sample_for_every_kind_of_node() => Assert.That(Samples, Is.EqualTo(
        ["degraded", "empty", "mixed", "rngd-1", "u250", "warboy-1", "warboy-2", "warboy-old-driver"]));

    [TestCaseSource(nameof(Samples))]
    public void Each_hwmon_of_a_sample_has_a_name_of_its_own(string sample)
    {
        var names = Directory.GetFiles(Repository.At($"samples/nodes/{sample}/sys/devices"), "name", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(Path.GetDirectoryName(path)!).StartsWith("hwmon", StringComparison.Ordinal))
            .Select(File.ReadAllText);

        Assert.That(names, Is.Unique);
    }
}
