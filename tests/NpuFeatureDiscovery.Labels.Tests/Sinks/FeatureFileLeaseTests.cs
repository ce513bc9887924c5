using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>The expiry in the feature file, which NFD 0.14 and later keep to. The clock starts at 2026-01-01T00:00:00Z.</summary>
public sealed class FeatureFileLeaseTests : IDisposable
{
    private static readonly LabelSet Labels = Labelling.Set("example.com/a=1");

    private readonly TemporaryFolder _features = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _features.Dispose();

    [Test]
    public async Task The_expiry_is_the_first_line_in_UTC_seconds()
    {
        await Publish(Sink());

        Assert.That(Text, Is.EqualTo("# +expiry-time=2026-01-01T00:05:00Z\nexample.com/a=1\n"));
    }

    [Test]
    public async Task The_lease_is_renewed_at_its_half_life_and_not_before()
    {
        var sink = Sink();
        await Publish(sink);
        _time.Advance(TimeSpan.FromSeconds(149));
        Assert.That(await Publish(sink), Is.EqualTo(PublishResult.Unchanged));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await Publish(sink), Is.EqualTo(PublishResult.Renewed));
        Assert.That(Text, Does.StartWith("# +expiry-time=2026-01-01T00:07:30Z\n"));
    }

    [Test]
    public async Task An_hour_at_rest_with_a_look_every_minute_takes_a_write_every_three_minutes_and_never_lapses()
    {
        var sink = Sink();
        await Publish(sink);
        var writes = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.That(FeatureFileText.Parse(Text).Expiry, Is.GreaterThan(_time.GetUtcNow()));
            writes += await Publish(sink) == PublishResult.Renewed ? 1 : 0;
        }

        Assert.That(writes, Is.EqualTo(20));
    }

    [Test]
    public async Task Labels_that_change_begin_a_new_lease()
    {
        var sink = Sink();
        await Publish(sink);
        _time.Advance(TimeSpan.FromSeconds(10));

        await sink.PublishAsync(Labelling.Set("example.com/a=2"), CancellationToken.None);

        Assert.That(Text, Is.EqualTo("# +expiry-time=2026-01-01T00:05:10Z\nexample.com/a=2\n"));
    }

    [Test]
    public async Task A_clock_that_jumps_forward_past_the_expiry_renews_it()
    {
        var sink = Sink();
        await Publish(sink);
        _time.SetClock(_time.GetUtcNow().AddYears(1));

        Assert.That(await Publish(sink), Is.EqualTo(PublishResult.Renewed));
        Assert.That(Text, Does.StartWith("# +expiry-time=2027-01-01T00:05:00Z\n"));
    }

    [Test]
    public async Task A_clock_that_is_set_back_does_not_let_labels_outlive_their_lease()
    {
        var sink = Sink();
        await Publish(sink);
        _time.SetClock(_time.GetUtcNow().AddHours(-1));

        Assert.That(await Publish(sink), Is.EqualTo(PublishResult.Renewed));
        Assert.That(Text, Does.StartWith("# +expiry-time=2025-12-31T23:05:00Z\n"));
    }

    [Test]
    public async Task Without_a_lease_an_earlier_expiry_is_taken_out()
    {
        await Publish(Sink());

        await Publish(Sink(lease: TimeSpan.Zero));

        Assert.That(Text, Is.EqualTo("example.com/a=1\n"));
    }

    [Test]
    public async Task At_the_end_the_lease_is_shortened_to_two_minutes()
    {
        var sink = Sink();
        await Publish(sink);

        await sink.LeaveAsync(CancellationToken.None);

        Assert.That(Text, Is.EqualTo("# +expiry-time=2026-01-01T00:02:00Z\nexample.com/a=1\n"));
    }

    [Test]
    public async Task A_lease_that_ends_sooner_anyway_is_not_prolonged()
    {
        var sink = Sink();
        await Publish(sink);
        _time.Advance(TimeSpan.FromMinutes(4));

        await sink.LeaveAsync(CancellationToken.None);

        Assert.That(Text, Does.StartWith("# +expiry-time=2026-01-01T00:05:00Z\n"));
    }

    [Test]
    public async Task At_the_end_the_file_is_removed_or_kept_where_that_is_asked_for()
    {
        var keeping = Sink(exit: FeatureFileExit.Keep);
        await Publish(keeping);
        await keeping.LeaveAsync(CancellationToken.None);
        Assert.That(Text, Does.StartWith("# +expiry-time=2026-01-01T00:05:00Z\n"));

        var removing = Sink(exit: FeatureFileExit.Remove);
        await Publish(removing);
        await removing.LeaveAsync(CancellationToken.None);
        Assert.That(Directory.GetFiles(_features.Path), Is.Empty);
    }

    [Test]
    public async Task A_restart_within_a_minute_leaves_no_moment_without_labels()
    {
        var old = Sink();
        await Publish(old);
        _time.Advance(TimeSpan.FromMinutes(2));
        await old.LeaveAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(FeatureFileText.Parse(Text).Expiry, Is.GreaterThan(_time.GetUtcNow()));

        Assert.That(await Publish(Sink()), Is.EqualTo(PublishResult.Renewed));

        Assert.That(Text, Does.StartWith("# +expiry-time=2026-01-01T00:08:00Z\n"));
    }

    [TestCase(FeatureFileExit.Lease)]
    [TestCase(FeatureFileExit.Remove)]
    public async Task An_instance_that_ends_leaves_the_file_to_one_that_has_taken_over(FeatureFileExit exit)
    {
        var old = Sink(exit: exit);
        await Publish(old);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Publish(Sink(exit: exit));

        await old.LeaveAsync(CancellationToken.None);

        Assert.That(Text, Does.StartWith("# +expiry-time=2026-01-01T00:05:05Z\n"));
    }

    [Test]
    public async Task Two_instances_with_the_same_labels_do_not_write_against_each_other()
    {
        var (one, other) = (Sink(), Sink());
        await Publish(one);
        await Publish(other);

        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(await Publish(one), Is.EqualTo(PublishResult.Unchanged));
        Assert.That(await Publish(other), Is.EqualTo(PublishResult.Unchanged));
    }

    [Test]
    public async Task A_second_writer_with_other_labels_is_noticed()
    {
        var (one, other) = (Sink(), Sink());
        await Publish(one);
        await other.PublishAsync(Labelling.Set("example.com/a=2"), CancellationToken.None);

        Assert.That(await Publish(one), Is.EqualTo(PublishResult.Restored));
    }

    [Test]
    public async Task A_folder_that_was_removed_and_made_again_gets_its_file_again()
    {
        var sink = Sink();
        await Publish(sink);
        Directory.Delete(_features.Path, recursive: true);
        Assert.That(async () => await Publish(sink), Throws.TypeOf<LabelPublishException>());
        Directory.CreateDirectory(_features.Path);

        Assert.That(await Publish(sink), Is.EqualTo(PublishResult.Restored));
        Assert.That(Text, Does.EndWith("example.com/a=1\n"));
    }

    private string Text => File.ReadAllText(_features.At("npu-feature-discovery"));

    private static ValueTask<PublishResult> Publish(FeatureFileSink sink) => sink.PublishAsync(Labels, CancellationToken.None);

    private FeatureFileSink Sink(TimeSpan? lease = null, FeatureFileExit exit = FeatureFileExit.Lease) => new(
        new FeatureFileOptions
        {
            FeaturesDirectory = _features.Path,
            Lease = lease ?? TimeSpan.FromMinutes(5),
            OnExit = exit,
        },
        _time);
}
