namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>A file to read, and the device that it belongs to: while one of its reads hangs, no other is tried.</summary>
internal sealed record FileRequest(string Path, string Device);

/// <summary>
/// Reads files on a thread of its own, since a read of a broken device's file can hang in the kernel, and nothing ends it
/// there. Such a device costs one thread while it hangs and is not read again meanwhile; the others go on.
/// </summary>
internal sealed class DeadlineReader(TimeSpan deadline) : IDisposable
{
    private readonly Dictionary<string, Worker> _hung = new(StringComparer.Ordinal);
    private Worker? _idle;

    /// <summary>Reads files one after the other; all at once, since handing over to the thread costs more than a read.</summary>
    /// <returns>A reading for each request.</returns>
    public FileReading[] Read(params FileRequest[] requests)
    {
        var readings = new FileReading[requests.Length];
        var next = 0;
        while (next < requests.Length)
            next = ReadUntilOneHangs(requests, readings, next);

        return readings;
    }

    public void Dispose()
    {
        _idle?.End();
        foreach (var worker in _hung.Values)
            worker.End();
    }

    /// <returns>Where to go on: behind the request that hangs, or at the end.</returns>
    private int ReadUntilOneHangs(FileRequest[] requests, FileReading[] readings, int start)
    {
        for (var index = start; index < requests.Length; index++)
        {
            if (StillHanging(requests[index].Device) is not { } hung)
                continue;

            if (index > start)
            {
                // Those before it first.
                requests = requests[..index];
                break;
            }

            readings[index] = NoAnswer(hung);
            return index + 1;
        }

        var worker = _idle ?? new Worker();
        _idle = null;
        worker.Start(requests, readings, start);
        var end = worker.Wait(deadline);
        if (end == requests.Length)
        {
            Release(worker);
            return end;
        }

        _hung.Add(requests[end].Device, worker);
        readings[end] = NoAnswer(worker);
        return end + 1;
    }

    private Worker? StillHanging(string device)
    {
        if (!_hung.TryGetValue(device, out var worker) || worker.IsHanging)
            return worker;

        _hung.Remove(device);
        Release(worker);
        return null;
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
        private FileRequest[] _requests = [];
        private FileReading[] _readings = [];
        private int _next;

        public Worker() => new Thread(Run, StackSize) { IsBackground = true, Name = "sysfs reader" }.Start();

        private enum State
        {
            Idle,
            Reading,
            Hanging,
            Ended,
        }

        /// <summary>The file that is read, or was read last.</summary>
        public string Path { get; private set; } = "";

        public bool IsHanging
        {
            get
            {
                lock (_gate)
                    return _state == State.Hanging;
            }
        }

        public void Start(FileRequest[] requests, FileReading[] readings, int start)
        {
            lock (_gate)
            {
                (_requests, _readings, _next) = (requests, readings, start);
                Enter(State.Reading);
            }
        }

        /// <returns>The request at which the reading hangs, without progress for the deadline; else the end.</returns>
        public int Wait(TimeSpan deadline)
        {
            lock (_gate)
            {
                while (_state == State.Reading)
                {
                    var progress = _next;
                    if (!Monitor.Wait(_gate, deadline) && _state == State.Reading && _next == progress)
                        _state = State.Hanging;
                }

                return _next;
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
                    while (_state == State.Idle)
                        Monitor.Wait(_gate);

                    if (_state == State.Ended)
                        return;
                }

                while (ReadNext())
                {
                }
            }
        }

        private bool ReadNext()
        {
            lock (_gate)
            {
                if (_state == State.Reading && _next < _requests.Length)
                    Path = _requests[_next].Path;
                else if (_state == State.Reading)
                    Enter(State.Idle);

                if (_state != State.Reading)
                    return false;
            }

            var reading = SysfsFile.Read(Path);
            lock (_gate)
            {
                if (_state == State.Reading)
                    _readings[_next++] = reading;
                else if (_state == State.Hanging)
                    Enter(State.Idle); // It answered after all; nobody waits for the answer any more.

                return _state == State.Reading;
            }
        }

        private void Enter(State state)
        {
            _state = state;
            Monitor.PulseAll(_gate);
        }
    }
}
