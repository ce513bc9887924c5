using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>
/// Whether the watch of NFD 0.19 sees what is published, in real time and by real inotify, before it reads by itself once a minute.
/// </summary>
public sealed class LossyWatchTests : IDisposable
{
    /// <summary>A round takes about 3 s; 24 of each kind are worth a look after a change of the writer.</summary>
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("NPU_WATCH_ROUNDS") ?? "2");

    private static readonly LabelSet Before = Labelling.Set("example.com/a=1", "example.com/b=1");
    private static readonly LabelSet Between = Labelling.Set("example.com/a=2", "example.com/b=2");
    private static readonly LabelSet After = Labelling.Set("example.com/a=3", "example.com/b=3");

    private readonly TemporaryFolder _features = new();
    private readonly Random _random = new(19);

    public LossyWatchTests() => EveryVersion.Open(_features.Path);

    public void Dispose() => _features.Dispose();

    [Test]
    [CancelAfter(600_000)]
    public Task The_first_publication_on_a_node_is_seen(CancellationToken token) => AssertSeenAsync(
        async (folder, watch) =>
        {
            await QuietAsync(token);
            await Sink(folder).PublishAsync(After, token);
        });

    [Test]
    [CancelAfter(600_000)]
    public Task A_publication_of_an_agent_that_runs_is_seen(CancellationToken token) => AssertSeenAsync(
        async (folder, watch) =>
        {
            var sink = Sink(folder);
            await sink.PublishAsync(Before, token);
            Assert.That(await watch.SeesAsync(Before, TimeSpan.FromSeconds(30)), Is.True);
            await QuietAsync(token);
            await sink.PublishAsync(After, token);
        });

    [Test]
    [CancelAfter(600_000)]
    public Task The_last_of_publications_that_follow_close_on_each_other_is_seen(CancellationToken token) => AssertSeenAsync(
        async (folder, watch) =>
        {
            var sink = Sink(folder);
            await sink.PublishAsync(Before, token);
            await QuietAsync(token);
            await sink.PublishAsync(Between, token);
            await Task.Delay(_random.Next(600), token);
            await sink.PublishAsync(After, token);
        });

    [Test]
    [CancelAfter(600_000)]
    public Task That_the_labels_are_gone_is_seen(CancellationToken token) => AssertSeenAsync(
        async (folder, watch) =>
        {
            var sink = Sink(folder);
            await sink.PublishAsync(Before, token);
            Assert.That(await watch.SeesAsync(Before, TimeSpan.FromSeconds(30)), Is.True);
            await sink.PublishAsync(LabelSet.Empty, token);
        },
        LabelSet.Empty);

    /// <summary>What others do, of which about one in twenty is seen.</summary>
    [Test]
    [CancelAfter(600_000)]
    public async Task A_dot_file_that_is_flushed_and_renamed_is_lost(CancellationToken token)
    {
        // Never all of them.
        var rounds = Math.Max(Rounds, 4);
        var seen = await CountSeenAsync(
            async (folder, watch) =>
            {
                await QuietAsync(token);
                await using (var file = File.Create(Path.Combine(folder, ".npus")))
                {
                    await file.WriteAsync("example.com/a=3\nexample.com/b=3\n"u8.ToArray(), token);
                    file.Flush(flushToDisk: true);
                }

                File.SetUnixFileMode(Path.Combine(folder, ".npus"), (UnixFileMode)0b110_100_100);
                File.Move(Path.Combine(folder, ".npus"), Path.Combine(folder, "npus"));
            },
            After, TimeSpan.FromSeconds(3), rounds);

        TestContext.Out.WriteLine($"{seen} of {rounds} seen");
        Assert.That(seen, Is.LessThan(rounds));
    }

    private async Task AssertSeenAsync(Func<string, LossyWatch, Task> publish, LabelSet? last = null)
    {
        var seen = await CountSeenAsync(publish, last ?? After, TimeSpan.FromSeconds(30), Rounds);

        TestContext.Out.WriteLine($"{seen} of {Rounds} seen");
        Assert.That(seen, Is.EqualTo(Rounds));
    }

    private async Task<int> CountSeenAsync(Func<string, LossyWatch, Task> publish, LabelSet last, TimeSpan timeout, int rounds)
    {
        var seen = 0;
        for (var round = 0; round < rounds; round++)
        {
            var folder = Directory.CreateDirectory(_features.At($"{round}")).FullName;
            EveryVersion.Open(folder);
            using var watch = new LossyWatch(folder);
            await publish(folder, watch);
            seen += await watch.SeesAsync(last, timeout) ? 1 : 0;
        }

        return seen;
    }

    /// <summary>Lets the watch see again, and meets its clock at any moment of its second: real time is what is tested here.</summary>
    private Task QuietAsync(CancellationToken token) => Task.Delay(2500 + _random.Next(1000), token);

    private static FeatureFileSink Sink(string folder) => new(new FeatureFileOptions { FeaturesDirectory = folder });
}
