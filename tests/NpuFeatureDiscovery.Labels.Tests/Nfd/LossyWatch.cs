using System.Diagnostics;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>
/// nfd-worker 0.19 as far as it watches its folder, in real time: the first event makes it read and publish, after which it discards all
/// events until its clock, which ticks once a second from its start on, goes on. The reading once a minute is left out.
/// </summary>
internal sealed class LossyWatch : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PublishTime = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly InotifyFolder _events;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _workerIsFree = new(0);
    private readonly SemaphoreSlim _work = new(0);
    private readonly Lock _lock = new();
    private readonly Task _watch;
    private readonly Task _worker;
    private string _published = "";
    private TaskCompletionSource _publication = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LossyWatch(string folder)
    {
        _folder = folder;
        _events = new InotifyFolder(folder);
        _worker = Task.Factory.StartNew(Work, TaskCreationOptions.LongRunning);
        _watch = Task.Factory.StartNew(Watch, TaskCreationOptions.LongRunning);
    }

    /// <summary>Waits until the Node has these labels.</summary>
    /// <returns>Whether it got them in that time.</returns>
    public async Task<bool> SeesAsync(LabelSet labels, TimeSpan timeout)
    {
        var wanted = string.Join('\n', labels.Labels);
        using var deadline = new CancellationTokenSource(timeout);
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_published == wanted)
                    return true;

                next = _publication.Task;
            }

            try
            {
                await next.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        Task.WaitAll(_watch, _worker);
        _events.Dispose();
        _end.Dispose();
        _workerIsFree.Dispose();
        _work.Dispose();
    }

    private void Watch()
    {
        var clock = Stopwatch.StartNew();
        var next = Tick;
        var isDeaf = false;
        while (!_end.IsCancellationRequested)
        {
            var events = _events.Wait(TimeSpan.FromMilliseconds(Math.Clamp((next - clock.Elapsed).TotalMilliseconds, 0, 50)));
            if (clock.Elapsed >= next)
            {
                isDeaf = false;
                // Ticks that nobody took in time are left out.
                while (next <= clock.Elapsed)
                    next += Tick;
            }

            for (; events > 0; events--)
            {
                if (isDeaf)
                    continue;

                if (!TryHandOver())
                    return;

                isDeaf = true;
            }
        }
    }

    /// <summary>An unbuffered channel: it takes as long as the worker is busy.</summary>
    private bool TryHandOver()
    {
        try
        {
            _workerIsFree.Wait(_end.Token);
            _work.Release();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Work()
    {
        try
        {
            while (true)
            {
                _workerIsFree.Release();
                _work.Wait(_end.Token);
                var labels = NfdFeatureFolder.Load(_folder, NfdVersion.Newest, DateTimeOffset.UtcNow).Labels
                    .OrderBy(label => label.Key, StringComparer.Ordinal);
                Publish(string.Join('\n', labels));
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private void Publish(string labels)
    {
        _end.Token.WaitHandle.WaitOne(PublishTime);
        lock (_lock)
        {
            _published = labels;
            _publication.SetResult();
            _publication = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
