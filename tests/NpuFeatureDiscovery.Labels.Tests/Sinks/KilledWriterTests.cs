using System.Diagnostics;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Labels.Tests.Nfd;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Kills a process that writes a feature file, again and again, at any instant.</summary>
public sealed class KilledWriterTests
{
    /// <summary>Takes about a tenth of a second a round; a thousand rounds are worth a look after a change of the writer.</summary>
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("NPU_KILL_ROUNDS"), out var rounds) ? rounds : 40;

    [Test]
    public async Task A_kill_leaves_one_whole_file_and_nothing_that_NFD_would_read_as_another()
    {
        using var features = new TemporaryFolder();
        EveryVersion.Open(features.Path);
        string[] wholeTexts = [.. WriteForever.Sets.Select(FeatureFileText.Render)];
        var random = new Random(7);
        var leftovers = 0;
        var seen = new int[2];

        for (var round = 0; round < Rounds; round++)
        {
            await StartAndKillAsync(features.Path, random.Next(2, 40));

            Assert.That(Directory.GetFiles(features.Path), Is.EqualTo([features.At("npu-feature-discovery")]));
            var text = await File.ReadAllTextAsync(features.At("npu-feature-discovery"));
            Assert.That(wholeTexts, Does.Contain(text));
            EveryVersion.AssertGives(features.Path, WriteForever.Sets[Array.IndexOf(wholeTexts, text)]);
            seen[Array.IndexOf(wholeTexts, text)]++;
            leftovers += Directory.GetFiles(features.At(".npu-feature-discovery.d")).Length;
        }

        var sink = new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = features.Path });
        await sink.PublishAsync(WriteForever.Sets[0], CancellationToken.None);
        Assert.That(Directory.GetFileSystemEntries(features.At(".npu-feature-discovery.d")), Is.Empty);
        TestContext.Out.WriteLine(
            $"{Rounds} kills: {seen[0]} times the one text, {seen[1]} times the other, never another; {leftovers} unfinished "
            + "files in the sub-folder on the way, 0 after the next start");
    }

    private static async Task StartAndKillAsync(string folder, int writes)
    {
        using var writer = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(WriteForever).Assembly.Location, folder])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            var characters = new char[writes];
            var read = await writer.StandardOutput.ReadBlockAsync(characters);
            Assert.That(read, Is.EqualTo(writes), "The writer ended by itself.");
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync();
        }
    }
}
