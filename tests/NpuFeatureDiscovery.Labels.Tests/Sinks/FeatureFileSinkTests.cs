using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

public sealed class FeatureFileSinkTests : IDisposable
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly LabelSet Labels = Labelling.Set("example.com/b=2", "example.com/a=1");

    private readonly TemporaryFolder _features = new();

    public void Dispose() => _features.Dispose();

    [Test]
    public async Task The_file_holds_sorted_lines_with_a_line_feed_each_and_no_byte_order_mark()
    {
        Assert.That(await Publish(Labels), Is.EqualTo(PublishResult.Written));

        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo("example.com/a=1\nexample.com/b=2\n"u8.ToArray()));
    }

    [Test]
    public async Task Everyone_may_read_the_file_also_where_an_earlier_one_was_private()
    {
        await Publish(Labels);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.That(await Publish(Labels), Is.EqualTo(PublishResult.Written));

        Assert.That(File.GetUnixFileMode(FilePath), Is.EqualTo(ReadableByAll));
    }

    [Test]
    public async Task Equal_labels_are_not_written_again_not_even_by_a_new_process()
    {
        await Publish(Labels);
        var before = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(FilePath, before);

        Assert.That(await Publish(Labels), Is.EqualTo(PublishResult.Unchanged));

        Assert.That(File.GetLastWriteTimeUtc(FilePath), Is.EqualTo(before));
    }

    [Test]
    public async Task Changed_labels_replace_the_file()
    {
        await Publish(Labels);

        Assert.That(await Publish(Set("example.com/a=2")), Is.EqualTo(PublishResult.Written));

        Assert.That(File.ReadAllText(FilePath), Is.EqualTo("example.com/a=2\n"));
    }

    [Test]
    public async Task A_file_that_someone_else_changed_is_put_right()
    {
        await Publish(Labels);
        File.WriteAllText(FilePath, "example.com/a=9\n");

        Assert.That(await Publish(Labels), Is.EqualTo(PublishResult.Written));
    }

    [Test]
    public async Task No_labels_take_the_file_away()
    {
        await Publish(Labels);

        Assert.That(await Publish(Set()), Is.EqualTo(PublishResult.Removed));
        Assert.That(await Publish(Set()), Is.EqualTo(PublishResult.Unchanged));

        Assert.That(File.Exists(FilePath), Is.False);
    }

    [Test]
    public async Task Beside_the_file_stands_only_the_folder_that_NFD_skips()
    {
        await Publish(Labels);

        Assert.That(Directory.GetFiles(_features.Path), Is.EqualTo([FilePath]));
        Assert.That(Directory.GetDirectories(_features.Path), Is.EqualTo([Staging]));
        Assert.That(Directory.GetFileSystemEntries(Staging), Is.Empty);
    }

    [Test]
    public async Task What_a_crash_left_is_cleaned_also_when_nothing_else_is_to_be_done()
    {
        await Publish(Labels);
        File.WriteAllText(Path.Combine(Staging, "left.x1"), "example.com/a=");

        Assert.That(await Publish(Labels), Is.EqualTo(PublishResult.Unchanged));

        Assert.That(Directory.GetFileSystemEntries(Staging), Is.Empty);
    }

    [Test]
    public async Task What_another_instance_is_writing_is_not_taken_for_a_leftover()
    {
        await Publish(Labels);
        var path = Path.Combine(Staging, "theirs.x1");
        using var theirs = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);

        await Publish(Labels);

        Assert.That(File.Exists(path), Is.True);
    }

    [Test]
    public async Task Files_of_others_are_not_touched()
    {
        string[] others = [_features.At("ffd"), _features.At(".ffd-x1"), _features.At("other")];
        foreach (var path in others)
            File.WriteAllText(path, "example.com/a=9\n");

        await Publish(Labels);
        await Publish(Set());

        Assert.That(others.Select(File.ReadAllText), Is.All.EqualTo("example.com/a=9\n"));
    }

    [Test]
    public void A_missing_folder_is_named_with_what_to_do()
    {
        var sink = new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = _features.At("missing") });

        Assert.That(async () => await sink.PublishAsync(Labels, CancellationToken.None), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contain($"'{_features.At("missing")}' does not exist").And.Message.Contain("Create it"));
        Assert.That(Directory.Exists(_features.At("missing")), Is.False);
    }

    [Test]
    public void A_file_in_place_of_the_folder_is_named()
    {
        File.WriteAllText(_features.At("file"), "");
        var sink = new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = _features.At("file") });

        Assert.That(async () => await sink.PublishAsync(Labels, CancellationToken.None), Throws.TypeOf<LabelPublishException>()
            .With.Message.Contain($"'{_features.At("file")}' is a file"));
    }

    [Test]
    public void A_folder_in_place_of_the_file_is_reported_and_left()
    {
        Directory.CreateDirectory(FilePath);

        Assert.That(async () => await Publish(Labels), Throws.TypeOf<LabelPublishException>().With.Message.Contain(FilePath));

        Assert.That(Directory.Exists(FilePath), Is.True);
        Assert.That(Directory.GetFileSystemEntries(Staging), Is.Empty);
    }

    [Test]
    public async Task More_than_NFD_reads_is_refused_and_the_earlier_file_stays()
    {
        await Publish(Labels);
        var tooMany = Set([.. Enumerable.Range(0, 3000).Select(number => $"example.com/a-long-name-{number}=1")]);

        Assert.That(async () => await Publish(tooMany), Throws.TypeOf<LabelPublishException>().With.Message.Contain("65536"));

        Assert.That(File.ReadAllText(FilePath), Does.StartWith("example.com/a=1\n"));
    }

    [Test]
    public async Task A_link_in_place_of_the_file_is_replaced_and_what_it_points_to_stays()
    {
        File.WriteAllText(_features.At("target"), "mine");
        File.CreateSymbolicLink(FilePath, "target");

        await Publish(Labels);

        Assert.That(File.ReadAllText(_features.At("target")), Is.EqualTo("mine"));
        Assert.That(new FileInfo(FilePath).LinkTarget, Is.Null);
    }

    [Test]
    public async Task What_is_published_is_read_back_without_comments()
    {
        Assert.That(await Sink().ReadPublishedAsync(CancellationToken.None), Is.Empty);
        await Publish(Labels);
        File.AppendAllText(FilePath, "# comment\n\n");

        Assert.That(await Sink().ReadPublishedAsync(CancellationToken.None), Is.EqualTo(["example.com/a=1", "example.com/b=2"]));
    }

    private string FilePath => _features.At("npu-feature-discovery");

    private string Staging => _features.At(".npu-feature-discovery.d");

    /// <summary>A new sink for every call, as after a restart.</summary>
    private ValueTask<PublishResult> Publish(LabelSet labels) => Sink().PublishAsync(labels, CancellationToken.None);

    private FeatureFileSink Sink() => new(new FeatureFileOptions { FeaturesDirectory = _features.Path });

    private static LabelSet Set(params IEnumerable<string> labels) => Labelling.Set(labels);
}
