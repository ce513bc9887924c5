using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Nfd;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Labels.Tests.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>Whatever this project writes, no version of NFD loses a label of it.</summary>
public sealed class OwnFeatureFileTests : IDisposable
{
    private const int Rounds = 400;

    private static readonly LabelSet Labels = Labelling.Set("example.com/a=1", "example.com/b=2");

    private readonly TemporaryFolder _features = new();
    private readonly ManualTimeProvider _time = new();

    public OwnFeatureFileTests() => EveryVersion.Open(_features.Path);

    private static IEnumerable<string> Samples =>
        Directory.GetDirectories(Repository.At("samples/nodes")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!;

    public void Dispose() => _features.Dispose();

    [Test]
    public async Task A_sample_node_in_every_profile_with_and_without_a_lease(
        [ValueSource(nameof(Samples))] string sample, [Values("alpha", "beta", "current", "all")] string profile, [Values] bool isLeased,
        [Values] bool hasAliases)
    {
        using var reader = new NodeReader(new HostRoot(Repository.At($"samples/nodes/{sample}")));
        var labels = LabelEngine.Create(reader.Read(), new LabelOptions
        {
            Profiles = profile == "all" ? [.. LabelProfiles.Names] : [profile],
            ReadmeAliases = hasAliases,
            HardwareType = "haps",
            StaticLabels = [Label.Create("example.com/team", "a_b.c-1")],
        });

        await Publish(labels, isLeased ? TimeSpan.FromMinutes(5) : TimeSpan.Zero);

        EveryVersion.AssertGives(_features.Path, labels);
    }

    [Test]
    public void Whatever_devices_machines_and_options([Range(1, 4)] int seed, [Values] bool isLeased)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            string[] profiles = [.. LabelProfiles.Names.Where(_ => random.Next(2) == 0).DefaultIfEmpty(LabelProfiles.Beta)];
            var options = RandomNodes.Options(random, profiles);
            options.NoDevice = random.Next(2) == 0 ? NoDevicePolicy.Count : NoDevicePolicy.Remove;
            var labels = LabelEngine.Create(RandomNodes.Node(random), options);

            var text = new FeatureFileText(isLeased ? Verdict.Now.AddMinutes(5) : null, FeatureFileText.Render(labels));

            EveryVersion.AssertTextGives(text.ToString(), labels);
        }
    }

    [Test]
    public async Task From_014_on_an_agent_that_is_gone_leaves_no_label_and_before_all()
    {
        await Publish(Labels, TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));

        foreach (var version in NfdVersion.Known)
            Assert.That(
                NfdFeatureFolder.Load(_features.Path, version, _time.GetUtcNow(), EveryVersion.Master).Labels.Count(),
                Is.EqualTo(version.Minor >= 14 ? 0 : 2), $"NFD {version}");
    }

    [TestCase(FeatureFileExit.Lease)]
    [TestCase(FeatureFileExit.Keep)]
    [TestCase(FeatureFileExit.Remove)]
    public async Task What_stands_there_after_the_end(FeatureFileExit exit)
    {
        var sink = Sink(TimeSpan.FromMinutes(5), exit);
        await sink.PublishAsync(Labels, CancellationToken.None);

        await sink.LeaveAsync(CancellationToken.None);

        EveryVersion.AssertGives(
            _features.Path, exit == FeatureFileExit.Remove ? LabelSet.Empty : Labels, Verdict.Now + TimeSpan.FromMinutes(2));
    }

    [Test]
    public async Task Over_an_hour_no_reading_at_any_second_finds_an_expired_label()
    {
        var sink = Sink(TimeSpan.FromMinutes(5));
        for (var minute = 0; minute < 60; minute++)
        {
            await sink.PublishAsync(Labels, CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(59));
            EveryVersion.AssertGives(_features.Path, Labels, _time.GetUtcNow());
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Test]
    public async Task What_a_crash_left_in_the_sub_folder_is_seen_by_no_version()
    {
        await Publish(Labels, TimeSpan.Zero);
        File.WriteAllText(_features.At(".npu-feature-discovery.d/left"), "example.com/a=");

        EveryVersion.AssertGives(_features.Path, Labels);
    }

    [Test]
    public async Task A_file_that_someone_has_spoilt_is_whole_again_after_the_next_publication(
        [Values("example.com/a", "\uFEFFexample.com/a=1\r\n", "", "example.com/a=1\nexample.com/b=2\n# +no-label\nexample.com/b\n")] string text,
        [Values(0b110_100_100, 0b110_000_000)] int mode)
    {
        File.WriteAllText(FilePath, text);
        File.SetUnixFileMode(FilePath, (UnixFileMode)mode);

        await Publish(Labels, TimeSpan.Zero);

        EveryVersion.AssertGives(_features.Path, Labels);
    }

    [Test]
    public async Task A_publication_that_fails_leaves_what_every_version_reads_as_before()
    {
        await Publish(Labels, TimeSpan.Zero);
        var tooMany = Labelling.Set(Enumerable.Range(0, 3000).Select(number => $"example.com/a-long-name-{number}=1"));

        Assert.That(async () => await Publish(tooMany, TimeSpan.Zero), Throws.TypeOf<LabelPublishException>());

        EveryVersion.AssertGives(_features.Path, Labels);
    }

    [Test]
    public void A_folder_in_place_of_the_file_is_no_label_in_any_version()
    {
        Directory.CreateDirectory(FilePath);

        Assert.That(async () => await Publish(Labels, TimeSpan.Zero), Throws.TypeOf<LabelPublishException>());

        EveryVersion.AssertGives(_features.Path, LabelSet.Empty);
    }

    [Test]
    public async Task As_many_labels_as_are_written_at_all_are_read_by_every_version()
    {
        // 31 bytes a line, below the line of the lease.
        const int count = (65_536 - 64) / 31;
        var labels = Labelling.Set(Enumerable.Range(0, count).Select(number => $"example.com/a-long-name-{number:0000}=1"));

        await Publish(labels, TimeSpan.FromMinutes(5));

        EveryVersion.AssertGives(_features.Path, labels);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Measured_33_whoever_reads_while_the_file_is_replaced_again_and_again_finds_all_labels(CancellationToken token)
    {
        await Publish(WriteForever.Sets[0], TimeSpan.Zero);
        using var written = CancellationTokenSource.CreateLinkedTokenSource(token);
        var writer = Task.Run(
            async () =>
            {
                var sink = Sink(TimeSpan.Zero);
                for (var turn = 1; !written.IsCancellationRequested; turn++)
                    await sink.PublishAsync(WriteForever.Sets[turn % 2], token);
            },
            token);

        var counts = new HashSet<int>();
        for (var reading = 0; reading < 100 || counts.Count < 2; reading++)
        {
            token.ThrowIfCancellationRequested();
            var version = NfdVersion.Known[reading % NfdVersion.Known.Count];
            var folder = NfdFeatureFolder.Load(_features.Path, version, Verdict.Now, EveryVersion.Master);
            Assert.That(folder.IsLossy, Is.False);
            counts.Add(folder.Labels.Count());
        }

        await written.CancelAsync();
        await writer;
        Assert.That(counts, Is.EquivalentTo(WriteForever.Sets.Select(set => set.Labels.Count)));
    }

    private string FilePath => _features.At("npu-feature-discovery");

    private ValueTask<PublishResult> Publish(LabelSet labels, TimeSpan lease) =>
        Sink(lease).PublishAsync(labels, CancellationToken.None);

    private FeatureFileSink Sink(TimeSpan lease, FeatureFileExit exit = FeatureFileExit.Lease) => new(
        new FeatureFileOptions { FeaturesDirectory = _features.Path, Lease = lease, OnExit = exit }, _time);
}
