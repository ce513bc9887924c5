namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>
/// Reads files on a thread of its own, since a read of a broken device's file can hang in the kernel, and nothing ends it
/// there. Such a device costs one thread while it hangs and is not read again meanwhile; the others go on.
/// </summary>
internal sealed class DeadlineReader(TimeSpan deadline) : IDisposable
{
    private readonly Dictionary<string, Worker> _hung = new(StringComparer.Ordinal);
    private Worker? _idle;

    /// <param name="path">The file.</param>
    /// <param name="device">The device that the file belongs to.</param>
    public FileReading Read(string path, string device)
    {
        if (_hung.TryGetValue(device, out var hung))
        {
            if (!hung.TryFinish(TimeSpan.Zero, out _))
                return NoAnswer(hung);

            _hung.Remove(device);
            Release(hung);
        }

        var worker = _idle ?? new Worker();
        _idle = null;
        worker.Start(path);
        if (worker.TryFinish(deadline, out var reading))
        {
            Release(worker);
            return reading;
        }

        _hung.Add(device, worker);
        return NoAnswer(worker);
    }

    public void Dispose()
    {
        _idle?.End();
        foreach (var worker in _hung.Values)
            worker.End();
    }

    private void Release(Worker worker)
    {
        if (_idle is null)
            _idle = worker;
        else
            worker.End();
    }

    private FileReading NoAnswer(Worker worker) =>
        new(FileState.Unreadable, Error: $"no answer within {deadline.TotalSeconds:0.###} s", HungPath: worker.Path);

    private sealed class Worker
    {
        private const int StackSize = 256 * 1024;

        private readonly object _gate = new();
        private State _state = State.Idle;
        private FileReading _reading;

        public Worker() => new Thread(Run, StackSize) { IsBackground = true, Name = "sysfs reader" }.Start();

        private enum State
        {
            Idle,
            Reading,
            Finished,
            Ended,
        }

        public string Path { get; private set; } = "";

        public void Start(string path)
        {
            lock (_gate)
            {
                Path = path;
                Enter(State.Reading);
            }
        }

        public bool TryFinish(TimeSpan deadline, out FileReading reading)
        {
            lock (_gate)
            {
                if (_state == State.Reading)
                    Monitor.Wait(_gate, deadline);

                var isFinished = _state == State.Finished;
                reading = isFinished ? _reading : default;
                if (isFinished)
                    _state = State.Idle;

                return isFinished;
            }
        }

        /// <summary>Ends the thread, at once or when its read comes back.</summary>
        public void End()
        {
            lock (_gate)
                Enter(State.Ended);
        }

        private void Run()
        {
            while (true)
            {
                lock (_gate)
                {
                    while (_state is State.Idle or State.Finished)
                        Monitor.Wait(_gate);

                    if (_state == State.Ended)
                        return;
                }

                var reading = SysfsFile.Read(Path);
                lock (_gate)
                {
                    if (_state == State.Ended)
                        return;

                    _reading = reading;
                    Enter(State.Finished);
                }
            }
        }

        private void Enter(State state)
        {
            _state = state;
            Monitor.PulseAll(_gate);
        }
    }
}
