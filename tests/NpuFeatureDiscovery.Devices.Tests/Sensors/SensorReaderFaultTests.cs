using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests.Sensors;

/// <summary>Cards that hang, come and go. What hangs is a FIFO, which stands for a sysfs file of a broken device.</summary>
[NonParallelizable] // Counts the threads and handles of the process.
public sealed class SensorReaderFaultTests : IDisposable
{
    /// <summary>Long enough for a busy machine, which must not take a slow card for one that hangs.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly HostTree _host = new();
    private readonly SensorReader _reader;

    public SensorReaderFaultTests() => _reader = new SensorReader(_host.Root, TimeProvider.System, Timeout);

    public void Dispose()
    {
        _reader.Dispose();
        _host.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_card_that_hangs_costs_itself_alone_and_is_read_again_once_it_answers(CancellationToken token)
    {
        var hung = _host.AddWarboy(0);
        _host.AddWarboy(1);
        var devices = Devices();
        var path = $"{hung.HwmonFolder}/temp5_input";
        _host.MakeHang(path);

        var first = _reader.Read(devices);
        var second = _reader.Read(devices);
        _host.EndHang(path, "41000\n");
        while (_reader.Read(devices)[0].Failure is not null)
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first[0].Failure, Is.EqualTo($"{_host.At(path)} cannot be read: no answer within 2 s"));
            Assert.That(first[0].Problems.Single().Path, Is.EqualTo(_host.At(path)));
            Assert.That(first[0].Uptime, Is.Null);
            Assert.That(first[1].Temperatures, Has.Count.EqualTo(10));
            Assert.That(second[0], Is.EqualTo(first[0]));
            Assert.That(_reader.Read(devices)[0].Temperatures, Has.Count.EqualTo(10));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Reading_without_blocking_comes_to_the_same(CancellationToken token)
    {
        var hung = _host.AddWarboy(0);
        _host.AddWarboy(1);
        var devices = Devices();
        var good = await _reader.ReadAsync(devices).WaitAsync(token);
        hung.Hang("heartbeat");

        var hanging = _reader.ReadAsync(devices);
        Assert.That(hanging.IsCompleted, Is.False, "Nobody waits for the card yet.");
        var readings = await hanging.WaitAsync(token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(good.Select(reading => reading.Temperatures.Count), Is.All.EqualTo(10));
            Assert.That(readings[0].Failure, Does.Contain("heartbeat").And.EndsWith("no answer within 2 s"));
            Assert.That(readings[1].Temperatures, Has.Count.EqualTo(10));
            Assert.That(_reader.Read(devices)[0], Is.EqualTo(readings[0]));
        }

        Assert.That(await _reader.ReadAsync([]).WaitAsync(token), Is.Empty);
    }

    [TestCase(true, ".NET TP Worker")]
    [TestCase(false, "sensor reader")]
    [CancelAfter(30_000)]
    public async Task What_awaits_the_readings_goes_on_on_a_card_s_thread_only_where_it_may(
        bool asynchronously, string thread, CancellationToken token)
    {
        _host.AddWarboy(0);
        var devices = Devices();
        string? name;
        do
        {
            token.ThrowIfCancellationRequested();
            var readings = _reader.ReadAllButCountersAsync(devices, asynchronously);
            name = await readings.ContinueWith(
                _ => Thread.CurrentThread.Name, token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (asynchronously)
                Assert.That(name, Is.Not.EqualTo("sensor reader"));
        }
        while (name != thread); // Where the card was there before anybody waited, nobody changes threads.
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_goes_on_on_a_card_s_thread_may_read_the_card_again(CancellationToken token)
    {
        _host.AddWarboy(0);
        var devices = Devices();
        for (var round = 0; round < 100; round++)
        {
            var readings = await _reader.ReadAllButCountersAsync(devices, runContinuationsAsynchronously: false);

            Assert.That(readings[0].Failure, Is.Null);
            token.ThrowIfCancellationRequested();
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Cards_that_answer_at_once_share_a_thread(CancellationToken token)
    {
        for (var index = 0; index < 12; index++)
            _host.AddWarboy(index);
        var devices = Devices();

        // A busy machine may need more for a while.
        await PollAsync(() => _reader.Read(devices).Count == 12 && Threads() == 1, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public void However_many_cards_hang_they_are_waited_for_together_and_no_thread_is_added_later()
    {
        CardTree[] cards = [.. Enumerable.Range(0, 12).Select(index => _host.AddWarboy(index))];
        var devices = Devices();
        foreach (var card in cards)
            card.Hang("heartbeat");
        var startedAt = TimeProvider.System.GetTimestamp();

        var readings = _reader.Read(devices);
        var elapsed = TimeProvider.System.GetElapsedTime(startedAt);
        var threads = Threads();
        for (var round = 0; round < 100; round++)
            _reader.Read(devices);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Select(reading => reading.Failure), Is.All.Contains("heartbeat"));
            Assert.That(elapsed, Is.LessThan(Timeout * 3)); // One after the other they would take 12 times as long.
            Assert.That(Threads(), Is.EqualTo(threads));
        }

        foreach (var card in cards)
            card.EndHang("heartbeat", "1");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nothing_stays_of_cards_that_are_gone_or_of_a_reader_that_is_ended(CancellationToken token)
    {
        _host.AddWarboy(0);
        _host.AddWarboy(1).Remove();
        var devices = Devices();
        var (handles, threads) = (Handles(), Threads());
        _reader.Read(devices);
        var handlesOfOne = Handles();
        _host.AddWarboy(1);
        _reader.Read(Devices());
        var handlesOfTwo = Handles();

        _reader.Read(devices);
        await PollAsync(() => Handles() == handlesOfOne, token);
        _reader.Dispose();
        await PollAsync(() => (Handles(), Threads()) == (handles, threads), token);

        Assert.That((handlesOfOne > handles, handlesOfTwo > handlesOfOne), Is.EqualTo((true, true)));
        Assert.That(() => _reader.Read(devices), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_card_that_hangs_while_it_is_forgotten_closes_its_files_when_it_answers(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        var devices = Devices();
        var handles = Handles();
        _reader.Read(devices);
        card.Hang("performance_mode");
        _reader.Read(devices);

        _reader.Dispose();
        card.EndHang("performance_mode", "1");

        await PollAsync(() => Handles() == handles, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public void A_card_that_hangs_comes_and_goes_on_the_same_thread()
    {
        var card = _host.AddWarboy(0);
        var devices = Devices();
        card.Hang("heartbeat");
        _reader.Read(devices);
        var threads = Threads();

        for (var round = 0; round < 3; round++)
        {
            _reader.Read([]);
            _reader.Read(devices);
        }

        Assert.That(Threads(), Is.EqualTo(threads));
        card.EndHang("heartbeat", "1");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Scrapes_and_the_monitor_may_read_at_the_same_time(CancellationToken token)
    {
        for (var index = 0; index < 4; index++)
            _host.AddWarboy(index);
        var devices = Devices();

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 20).Select(_ => _reader.Read(devices)).ToList(), token));
        var monitor = Task.Run(() => Enumerable.Range(0, 20).Select(_ => Devices()).ToList(), token);

        var all = await Task.WhenAll(readers);
        await monitor;
        Assert.That(all.SelectMany(list => list).SelectMany(readings => readings).SelectMany(readings => readings.Problems), Is.Empty);
    }

    [Test]
    public void What_is_read_again_and_again_holds_the_same_handles()
    {
        var card = _host.AddWarboy(0);
        _host.MakeDenied(card.CountersOf("0"));
        _host.MakeUnreadable($"{card.HwmonFolder}/temp1_input");
        var devices = Devices();
        _reader.Read(devices);
        var handles = Handles();

        for (var round = 0; round < 50; round++)
        {
            _host.Write($"{card.HwmonFolder}/temp2_input", $"{round}\n");
            card.Set("alive", $"{round % 2}\n");
            devices = Devices();
            _reader.Read(devices);
        }

        Assert.That(Handles(), Is.EqualTo(handles));
    }

    [Test]
    public void A_device_timeout_must_be_longer_than_nothing() =>
        Assert.That(() => new SensorReader(_host.Root, TimeProvider.System, TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static async Task PollAsync(Func<bool> condition, CancellationToken token)
    {
        while (!condition())
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Count(IsSensorReader);

    private static bool IsSensorReader(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim() == "sensor reader";
        }
        catch (IOException)
        {
            return false; // It ended at this moment.
        }
    }

    private int Handles() => Directory.GetFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget)
        .Count(target => target?.StartsWith(_host.Path, StringComparison.Ordinal) == true);

    private EquatableArray<NpuDevice> Devices()
    {
        using var nodes = new NodeReader(_host.Root);
        return nodes.Read().Devices;
    }
}
