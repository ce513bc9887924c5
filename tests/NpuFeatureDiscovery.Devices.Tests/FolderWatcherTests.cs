using System.Threading.Channels;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

[CancelAfter(30_000)]
public sealed class FolderWatcherTests : IDisposable
{
    private const string Lost = "(lost)";

    private readonly TemporaryFolder _folder = new();
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

    private string Watched => _folder.At("watched");

    public FolderWatcherTests() => Directory.CreateDirectory(Watched);

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task What_comes_and_goes_is_told_by_its_name(CancellationToken token)
    {
        using var watcher = Watch(tellsOfContent: false);

        File.WriteAllText(_folder.At("watched/one"), "text");
        File.Move(_folder.At("watched/one"), _folder.At("watched/two"));
        File.Delete(_folder.At("watched/two"));

        Assert.That(await ToldAsync(4, token), Is.EqualTo(["one", "one", "two", "two"]));
    }

    [Test]
    public async Task Writes_are_told_where_they_are_asked_for(CancellationToken token)
    {
        File.WriteAllText(_folder.At("watched/file"), "");
        using var watcher = Watch(tellsOfContent: true);

        File.AppendAllText(_folder.At("watched/file"), "text");

        Assert.That(await ToldAsync(1, token), Is.EqualTo(["file"]));
    }

    [Test]
    public async Task A_folder_that_is_deleted_is_lost(CancellationToken token)
    {
        using var watcher = Watch(tellsOfContent: false);

        Directory.Delete(Watched);

        Assert.That(await ToldAsync(1, token), Is.EqualTo([Lost]));
    }

    [Test]
    public void A_folder_that_is_missing_cannot_be_watched()
    {
        Directory.Delete(Watched);

        Assert.That(() => Watch(tellsOfContent: false), Throws.TypeOf<IOException>().With.Message.Contains("No such file"));
    }

    [Test]
    [NonParallelizable]
    public async Task Nothing_stays_of_it_whether_the_folder_or_the_watcher_goes_first(CancellationToken token)
    {
        var before = Handles();
        for (var index = 0; index < 60; index++)
        {
            var watcher = Watch(tellsOfContent: true);
            if (index % 2 == 0)
                watcher.Dispose();

            Directory.Delete(Watched);
            watcher.Dispose();
            Directory.CreateDirectory(Watched);
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (Handles() > before)
            await timer.WaitForNextTickAsync(token);
    }

    private FolderWatcher Watch(bool tellsOfContent) =>
        new(Watched, tellsOfContent, name => _told.Writer.TryWrite(name), () => _told.Writer.TryWrite(Lost));

    private async Task<IReadOnlyList<string>> ToldAsync(int count, CancellationToken token) =>
        await _told.Reader.ReadAllAsync(token).Take(count).ToListAsync(token);

    private static int Handles() => Directory.GetFiles("/proc/self/fd").Count(handle => LinkTarget(handle) == "anon_inode:inotify");

    private static string? LinkTarget(string handle)
    {
        try
        {
            return new FileInfo(handle).LinkTarget;
        }
        catch (IOException)
        {
            // It was closed meanwhile.
            return null;
        }
    }
}
