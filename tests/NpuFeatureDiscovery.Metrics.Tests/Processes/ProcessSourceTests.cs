using System.Diagnostics;
using NpuFeatureDiscovery.Metrics.Processes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Processes;

public sealed class ProcessSourceTests
{
    [Test]
    public async Task The_process_is_shown_as_it_is()
    {
        var families = await new ProcessSource().CollectAsync(CancellationToken.None);
        var values = families.ToDictionary(family => family.Name, family => family.Samples.Single().Value);

        using var process = Process.GetCurrentProcess();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values.Keys, Is.EquivalentTo((string[])
                ["process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds"]));
            Assert.That(values["process_cpu_seconds_total"], Is.Positive.And.LessThanOrEqualTo(process.TotalProcessorTime.TotalSeconds));
            Assert.That(values["process_open_fds"], Is.GreaterThan(3));
            Assert.That(values["process_resident_memory_bytes"], Is.GreaterThan(10_000_000));
            // The kernel's own time of boot is in whole seconds.
            Assert.That(DateTimeOffset.FromUnixTimeMilliseconds((long)(values["process_start_time_seconds"] * 1000)).UtcDateTime,
                Is.EqualTo(process.StartTime.ToUniversalTime()).Within(TimeSpan.FromSeconds(2)));
        }
    }

    [Test]
    public void Open_files_are_counted_with_and_without_targets()
    {
        using var folder = new TemporaryFolder();
        for (var number = 0; number < 100; number++)
            File.CreateSymbolicLink(Path.Combine(folder.Path, $"{number}"), $"socket:[{number}]");

        Assert.That(OpenFiles.CountEntries(folder.Path), Is.EqualTo(100));
        Assert.That(() => OpenFiles.Count(Path.Combine(folder.Path, "gone")), Throws.InstanceOf<IOException>().With.Message.Contains("gone"));
    }

    [Test]
    public void The_count_of_open_files_is_the_same_in_both_ways()
    {
        using var process = Process.Start(
            new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.WriteLine("started");
        process.StandardInput.Flush();
        Assert.That(process.StandardOutput.ReadLine(), Is.EqualTo("started"));

        var folder = $"/proc/{process.Id}/fd";
        Assert.That(OpenFiles.Count(folder), Is.EqualTo(OpenFiles.CountEntries(folder)).And.GreaterThan(2));
        process.StandardInput.Close();
        process.WaitForExit();
    }

    [Test]
    public async Task The_build_names_its_version_and_that_of_NET()
    {
        var family = (await new BuildSource().CollectAsync(CancellationToken.None)).Single();

        Assert.That(family.Name, Is.EqualTo("npu_feature_discovery_build_info"));
        Assert.That(family.Samples.Single().Labels.Items, Has.Member(("dotnet_version", Environment.Version.ToString())));
        Assert.That(family.Samples.Single().Labels.ToString(), Does.Match("version=\"[0-9]+\\.[0-9]+\\.[0-9]+\""));
    }
}
