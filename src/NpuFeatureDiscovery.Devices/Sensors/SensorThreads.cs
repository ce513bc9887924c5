namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>Threads that read cards. One whose card hangs is left alone with it.</summary>
internal sealed class SensorThreads : IDisposable
{
    /// <summary>Enough for an answer to a scrape too, which is made on the thread of the last card that is read.</summary>
    private const int StackSize = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Stack<SensorThread> _idle = [];
    private int _kept = 1;

    /// <summary>Lets so many threads take cards of a scan.</summary>
    public void Read(SensorScan scan, int count)
    {
        for (var started = 0; started < count; started++)
        {
            SensorThread? thread;
            lock (_gate)
                _idle.TryPop(out thread);

            if (thread is null)
                SensorThread.Start(this, scan);
            else
                thread.Read(scan);
        }
    }

    /// <summary>So many threads wait for the next scan, at most; the others end.</summary>
    public void Keep(int count)
    {
        lock (_gate)
        {
            _kept = count;
            while (_idle.Count > count)
                _idle.Pop().Read(null);
        }
    }

    /// <summary>Ends the threads; one that hangs in the kernel ends when the kernel answers.</summary>
    public void Dispose() => Keep(0);

    private bool TryKeep(SensorThread thread)
    {
        lock (_gate)
        {
            if (_idle.Count >= _kept)
                return false;

            _idle.Push(thread);
            return true;
        }
    }

    private sealed class SensorThread
    {
        private readonly object _gate = new();
        private readonly SensorThreads _threads;
        private SensorScan? _scan;
        private bool _isIdle;

        private SensorThread(SensorThreads threads, SensorScan scan) => (_threads, _scan) = (threads, scan);

        public static void Start(SensorThreads threads, SensorScan scan) =>
            new Thread(new SensorThread(threads, scan).Run, StackSize) { IsBackground = true, Name = "sensor reader" }.UnsafeStart();

        /// <summary>What an idle thread has to do next; with nothing, it ends.</summary>
        public void Read(SensorScan? scan)
        {
            lock (_gate)
            {
                (_scan, _isIdle) = (scan, false);
                Monitor.Pulse(_gate);
            }
        }

        private void Run()
        {
            while (_scan is { } scan)
            {
                scan.Read();
                (_scan, _isIdle) = (null, true);
                if (!_threads.TryKeep(this))
                    return;

                lock (_gate)
                {
                    while (_isIdle)
                        Monitor.Wait(_gate);
                }
            }
        }
    }
}
