using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>label</c> as a process that runs on.</summary>
public sealed class LabelDaemonTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly TemporaryFolder _features = new();

    public void Dispose()
    {
        _host.Dispose();
        _features.Dispose();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_follows_the_host_without_waiting_for_the_interval(CancellationToken token)
    {
        using var daemon = Start("--interval", "1h");
        await daemon.WaitForAsync("Published", token);
        Assert.That(Text, Does.Contain("npu.count=0"));

        var card = _host.AddWarboy(0);
        await daemon.WaitForAsync("Published", token);
        Assert.That(Text, Does.Contain("npu.count=1"));

        card.Set("alive", "0\n");
        await daemon.WaitForAsync("npu0 at 0000:00:00.0 is Unhealthy", token);
        card.Set("alive", "1\n");
        await daemon.WaitForAsync("npu0 at 0000:00:00.0 is Healthy again", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task SIGTERM_ends_it_with_a_shortened_lease([Values("TERM", "INT")] string signal, CancellationToken token)
    {
        using var daemon = Start();
        await daemon.WaitForAsync("Published", token);
        var before = Text.Split('\n');

        Assert.That(await daemon.EndAsync(signal, token), Is.EqualTo((0, "")));

        var after = Text.Split('\n');
        Assert.That(after[1..], Is.EqualTo(before[1..]));
        Assert.That(ExpiryOf(after[0]), Is.LessThan(ExpiryOf(before[0])));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_restart_takes_over_what_is_published_without_writing_other_labels(CancellationToken token)
    {
        using (var first = Start())
        {
            await first.WaitForAsync("Published", token);
            await first.EndAsync("TERM", token);
        }

        var shortened = Text.Split('\n');
        using var second = Start("--log-level", "debug");
        await second.WaitForAsync("Renewed the lease", token);

        Assert.That(Text.Split('\n')[1..], Is.EqualTo(shortened[1..]));
        Assert.That(ExpiryOf(Text.Split('\n')[0]), Is.GreaterThan(ExpiryOf(shortened[0])));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_killed_agent_leaves_labels_that_expire(CancellationToken token)
    {
        using var daemon = Start();
        await daemon.WaitForAsync("Published", token);

        await daemon.EndAsync("KILL", token);

        var lease = ExpiryOf(Text.Split('\n')[0]) - File.GetLastWriteTimeUtc(FilePath);
        Assert.That(lease.TotalSeconds, Is.EqualTo(300).Within(10));
    }

    [TestCase("remove", ExpectedResult = false)]
    [TestCase("keep", ExpectedResult = true)]
    [CancelAfter(60_000)]
    public async Task<bool> What_becomes_of_the_file_in_the_end_is_a_choice(string exit, CancellationToken token)
    {
        using var daemon = Start("--lease", "off", "--on-exit", exit);
        await daemon.WaitForAsync("Published", token);
        Assert.That(Text, Does.StartWith("beta.furiosa.ai/"));

        await daemon.EndAsync("TERM", token);

        return File.Exists(FilePath);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Two_instances_on_one_file_agree_and_one_may_go(CancellationToken token)
    {
        using var first = Start();
        await first.WaitForAsync("Published", token);
        using var second = Start("--log-level", "debug");
        await second.WaitForAsync("Renewed", token);
        var taken = Text;

        await first.EndAsync("TERM", token);
        Assert.That(Text, Is.EqualTo(taken));

        _host.AddWarboy(0);
        await second.WaitForAsync("Published", token);
        Assert.That(Text, Does.Contain("npu.count=1"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_card_that_hangs_holds_up_neither_the_others_nor_the_end(CancellationToken token)
    {
        var hanging = _host.AddWarboy(0);
        var other = _host.AddWarboy(1);
        using var daemon = Start();
        await daemon.WaitForAsync("Published", token);

        hanging.Hang("alive");
        await daemon.WaitForAsync("npu0 at 0000:00:00.0 is Unknown: alive cannot be read: no answer", token);
        other.Remove();
        await daemon.WaitForAsync("Published", token);
        Assert.That(Text, Does.Contain("npu.count=1"));

        Assert.That((await daemon.EndAsync("TERM", token)).ExitCode, Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_features_folder_that_was_removed_and_made_again_gets_its_file_again(CancellationToken token)
    {
        using var daemon = Start("--interval", "1s");
        await daemon.WaitForAsync("Published", token);

        Directory.Delete(_features.Path, recursive: true);
        await daemon.WaitForAsync($"the folder '{_features.Path}' does not exist", token);
        Directory.CreateDirectory(_features.Path);
        await daemon.WaitForAsync("wrote it again", token);

        Assert.That(Text, Does.Contain("npu.count=0"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_log_that_nobody_reads_does_not_hold_up_the_labels(CancellationToken token)
    {
        var cards = Enumerable.Range(0, 256).Select(index => _host.AddWarboy(index)).ToArray();
        using var daemon = Start();
        await daemon.WaitForAsync("Published", token);

        // Each round is 256 warnings of about 100 characters; the pipe holds 64 KiB.
        for (var round = 0; round < 20; round++)
        {
            foreach (var card in cards)
                card.Set("version", $"garbage of round {round}");
            cards[255 - round].Remove();
            await UntilAsync(() => Text.Contains($"npu.count={255 - round}\n", StringComparison.Ordinal), token);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_process_without_free_file_handles_keeps_its_labels_and_goes_on_when_it_has_some(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        using var daemon = Start();
        await daemon.WaitForAsync("Published", token);
        var before = Text;

        await LimitHandlesAsync(daemon, "1", token);
        card.Remove();
        await daemon.WaitForAsync("Too many open files", token);
        Assert.That(Text, Is.EqualTo(before));

        await LimitHandlesAsync(daemon, "1024", token);
        await daemon.WaitForAsync("Published", token);
        Assert.That(Text, Does.Contain("npu.count=0"));
    }

    private string FilePath => _features.At("npu-feature-discovery");

    private string Text => File.ReadAllText(FilePath);

    private static DateTime ExpiryOf(string line) =>
        DateTimeOffset.Parse(line["# +expiry-time=".Length..], System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;

    private static async Task UntilAsync(Func<bool> condition, CancellationToken token)
    {
        while (!condition())
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task LimitHandlesAsync(Daemon daemon, string limit, CancellationToken token)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", $"{daemon.Id}", $"--nofile={limit}:"]);
        await prlimit.WaitForExitAsync(token);
        Assert.That(prlimit.ExitCode, Is.Zero);
    }

    private Daemon Start(params string[] options) =>
        new(["label", "--output", "file", "--root", _host.Path, "--features-dir", _features.Path, .. options]);
}
