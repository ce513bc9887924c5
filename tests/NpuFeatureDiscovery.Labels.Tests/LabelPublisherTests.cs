using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabelPublisherTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly LogSink _log = new();
    private readonly StringWriter _output = new();
    private readonly NodeReader _reader;

    public LabelPublisherTests() => _reader = new NodeReader(_host.Root);

    public void Dispose()
    {
        _reader.Dispose();
        _host.Dispose();
        _log.Dispose();
        _output.Dispose();
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task What_the_sanitiser_changed_is_reported_once(CancellationToken token)
    {
        _host.SetMachine("Super Micro, Inc.", "AS -4124GS-TNR (rev 2)");

        var publisher = Create();
        await publisher.PublishAsync(_reader.Read(), token);
        await publisher.PublishAsync(_reader.Read(), token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_output.ToString(), Does.Contain("machine.vendor=Super-Micro-Inc\n")
                .And.Contain("machine.name=AS--4124GS-TNR-rev-2\n"));
            Assert.That(_log.Messages(), Has.One.Contains("Super-Micro-Inc"));
            Assert.That(_log.Messages(), Has.One.Contains("AS--4124GS-TNR-rev-2"));
        }
    }

    [Test]
    public void A_pass_that_changes_nothing_allocates_less_than_8_KiB([Values(1, 256)] int cards)
    {
        for (var index = 0; index < cards; index++)
            _host.AddWarboy(index);

        using var features = new TemporaryFolder();
        var sink = new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = features.Path, Lease = TimeSpan.FromDays(1) });
        var publisher = new LabelPublisher(new LabelOptions(), sink, _log.CreateLogger<LabelPublisher>());
        var node = _reader.Read();
        for (var pass = 0; pass < 3; pass++)
            Publish();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Publish();

        // It all happens on this thread.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 10));

        void Publish() => publisher.PublishAsync(node, CancellationToken.None).GetAwaiter().GetResult();
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task A_problem_is_warned_of_when_it_comes_and_again_when_it_comes_back(CancellationToken token)
    {
        var card = _host.AddWarboy(0).Set("version", "garbage");

        var publisher = Create();
        await publisher.PublishAsync(_reader.Read(), token);
        await publisher.PublishAsync(_reader.Read(), token);
        Assert.That(_log.Messages(LogLevel.Warning), Has.Exactly(1).Contains("garbage"));

        card.Set("version", "1.9.2, 3def9c2");
        await publisher.PublishAsync(_reader.Read(), token);
        card.Set("version", "garbage");
        await publisher.PublishAsync(_reader.Read(), token);
        Assert.That(_log.Messages(LogLevel.Warning), Has.Exactly(2).Contains("garbage"));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task A_dead_card_is_warned_of_with_name_place_and_reason(CancellationToken token)
    {
        _host.AddWarboy(3, "0000:6d:00.0").Set("alive", "0");

        await Create().PublishAsync(_reader.Read(), token);

        Assert.That(_log.Messages(LogLevel.Warning).Single(), Is.EqualTo(
            "npu3 at 0000:6d:00.0 is Unhealthy: alive is 0, and 1 while the card is alive"));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task A_card_that_is_well_again_is_told_once(CancellationToken token)
    {
        var card = _host.AddWarboy(3, "0000:6d:00.0").Set("alive", "0");
        var publisher = Create();
        await publisher.PublishAsync(_reader.Read(), token);

        card.Set("alive", "1");
        await publisher.PublishAsync(_reader.Read(), token);
        await publisher.PublishAsync(_reader.Read(), token);

        Assert.That(_log.Messages(), Has.Exactly(1).EqualTo("npu3 at 0000:6d:00.0 is Healthy again"));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task What_older_drivers_lack_is_no_warning(CancellationToken token)
    {
        _host.AddWarboy(0).Without("alive", "device_uuid");

        await Create().PublishAsync(_reader.Read(), token);

        Assert.That(_log.Messages(LogLevel.Warning), Is.Empty);
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task A_second_set_of_labels_is_parted_from_the_first_and_an_equal_one_not_written(CancellationToken token)
    {
        _host.SetMachine(null, null);
        var publisher = Create();
        await publisher.PublishAsync(_reader.Read(), token);
        await publisher.PublishAsync(_reader.Read(), token);
        _host.SetMachine("HP", null);
        await publisher.PublishAsync(_reader.Read(), token);

        Assert.That(_output.ToString(), Is.EqualTo(
            "beta.furiosa.ai/npu.count=0\n\nbeta.furiosa.ai/machine.vendor=HP\nbeta.furiosa.ai/npu.count=0\n"));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task What_becomes_of_the_labels_is_told_when_it_changes(CancellationToken token)
    {
        var sink = new ReadingSink();
        var publisher = new LabelPublisher(new LabelOptions(), sink, _log.CreateLogger<LabelPublisher>());

        foreach (var publication in (LabelPublication[])[
            new(LabelPublicationState.InForce), new(LabelPublicationState.Overridden, "a is '1'."),
            new(LabelPublicationState.Overridden, "a is '1'.", DateTimeOffset.UnixEpoch), new(LabelPublicationState.InForce)])
        {
            sink.Publication = publication;
            await publisher.PublishAsync(_reader.Read(), token);
        }

        Assert.That(_log.Messages(LogLevel.Warning), Is.EqualTo(["The labels of the test are now Overridden. a is '1'."]));
        Assert.That(_log.Messages(LogLevel.Information), Is.EqualTo(["The labels of the test are now InForce. "]));
    }

    private LabelPublisher Create() => new(
        new LabelOptions(), new TextWriterSink(_output), _log.CreateLogger<LabelPublisher>());

    private sealed class ReadingSink : ILabelSink
    {
        public string Target => "the test";

        public LabelPublication? Publication { get; set; }

        public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken) =>
            ValueTask.FromResult(PublishResult.Unchanged);

        public ValueTask LeaveAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
