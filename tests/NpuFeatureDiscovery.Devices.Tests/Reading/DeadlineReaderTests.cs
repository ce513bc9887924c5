using NpuFeatureDiscovery.Devices.Reading;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

/// <summary>What hangs is a FIFO, which stands for a sysfs file of a broken device.</summary>
[NonParallelizable] // Counts the threads and handles of the process.
public sealed class DeadlineReaderTests : IDisposable
{
    /// <summary>Long enough for a busy machine, which must not take a slow read for one that hangs.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    private readonly HostTree _host = new();
    private readonly DeadlineReader _reader = new(Deadline);

    public void Dispose()
    {
        _reader.Dispose();
        _host.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public void A_file_that_hangs_costs_its_device_and_no_other()
    {
        _host.MakeHang("/hangs");
        _host.Write("/answers", "1\n");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Read("/hangs", "one").Error, Is.EqualTo("no answer within 1 s"));
            Assert.That(Read("/answers", "one").HungPath, Is.EqualTo(_host.At("/hangs")));
            Assert.That(Read("/answers", "other").Text, Is.EqualTo("1"));
        }

        _host.EndHang("/hangs", "");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_device_that_answers_after_all_is_read_again(CancellationToken token)
    {
        _host.MakeHang("/file");
        Read("/file", "one");

        _host.EndHang("/file", "1\n");

        await PollAsync(() => Read("/file", "one").Text == "1", token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task However_often_a_device_is_read_that_hangs_it_holds_one_thread_and_no_handle_stays(CancellationToken token)
    {
        _host.Write("/answers", "1\n");
        Read("/answers", "other");
        var (threads, handles) = Count();
        _host.MakeHang("/hangs");

        for (var round = 0; round < 1000; round++)
        {
            Read("/hangs", "one");
            Read("/answers", "other");
        }

        Assert.That(Count().Threads, Is.LessThanOrEqualTo(threads + 2));
        _host.EndHang("/hangs", "1\n");
        await PollAsync(() => Read("/hangs", "one").Text == "1", token);
        Assert.That(Count().Handles, Is.LessThanOrEqualTo(handles + 1));
    }

    [Test]
    [CancelAfter(30_000)]
    public void In_a_list_of_files_those_that_hang_cost_only_their_devices()
    {
        foreach (var name in (string[])["a", "b", "d"])
            _host.Write($"/{name}", name);
        _host.MakeHang("/c1");
        _host.MakeHang("/e1");
        FileRequest[] requests =
        [
            Request("/a", "A"), Request("/b", "B"), Request("/c1", "C"), Request("/c2", "C"), Request("/d", "D"), Request("/e1", "E"),
            Request("/none", "F"),
        ];

        var first = _reader.Read(requests);
        var second = _reader.Read(requests);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Select(reading => reading.Text), Is.EqualTo(["a", "b", "", "", "d", "", ""]));
            Assert.That(first.Select(reading => Path.GetFileName(reading.HungPath)), Is.EqualTo([null, null, "c1", "c1", null, "e1", null]));
            Assert.That(first[^1].State, Is.EqualTo(FileState.Absent));
            Assert.That(second, Is.EqualTo(first));
        }

        _host.EndHang("/c1", "");
        _host.EndHang("/e1", "");
    }

    private static (int Threads, int Handles) Count() => (
        Directory.GetDirectories("/proc/self/task").Count(task => ThreadName(task) == "sysfs reader"),
        Directory.GetFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget)
            .Count(target => target?.Contains("npu-feature-discovery-", StringComparison.Ordinal) == true));

    private static string ThreadName(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim();
        }
        catch (IOException)
        {
            return "ended";
        }
    }

    private static async Task PollAsync(Func<bool> condition, CancellationToken token)
    {
        while (!condition())
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private FileReading Read(string path, string device) => _reader.Read(Request(path, device))[0];

    private FileRequest Request(string path, string device) => new(_host.At(path), device);
}
