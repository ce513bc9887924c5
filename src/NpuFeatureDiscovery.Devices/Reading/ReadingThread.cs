namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>A thread that reads files, and can be left alone where one hangs.</summary>
internal sealed class ReadingThread
{
    private const int StackSize = 256 * 1024;

    private readonly object _gate = new();
    private State _state = State.Idle;
    private FileRequest[] _requests = [];
    private FileReading[] _readings = [];
    private int _next;
    private int _end;

    public ReadingThread() => new Thread(Run, StackSize) { IsBackground = true, Name = "sysfs reader" }.Start();

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

    /// <summary>Reads the requests from start to before end.</summary>
    public void Start(FileRequest[] requests, FileReading[] readings, int start, int end)
    {
        lock (_gate)
        {
            (_requests, _readings, _next, _end) = (requests, readings, start, end);
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
            if (_state == State.Reading && _next < _end)
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
