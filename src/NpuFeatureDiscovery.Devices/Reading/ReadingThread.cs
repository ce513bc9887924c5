namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>A thread that reads, and can be left alone where a read hangs.</summary>
internal sealed class ReadingThread<TRequest, TReading> where TRequest : class
{
    private const int StackSize = 256 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly Func<TRequest, TReading> _read;
    private State _state = State.Idle;
    private TRequest[] _requests = [];
    private TReading[] _readings = [];
    private int _next;
    private int _end;

    /// <param name="name">The thread's name, of which the kernel shows 15 letters.</param>
    /// <param name="read">Answers a request; it must not throw.</param>
    public ReadingThread(string name, Func<TRequest, TReading> read)
    {
        _read = read;
        new Thread(Run, StackSize) { IsBackground = true, Name = name }.Start();
    }

    private enum State
    {
        Idle,
        Reading,
        Hanging,
        Ended,
    }

    /// <summary>What is read, or was read last.</summary>
    public TRequest? Current { get; private set; }

    public bool IsHanging
    {
        get
        {
            lock (_gate)
                return _state == State.Hanging;
        }
    }

    /// <summary>Reads the requests from start to before end.</summary>
    public void Start(TRequest[] requests, TReading[] readings, int start, int end)
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
                // A process that was stopped for a while finds its deadline over before its thread could go on: hence the second wait.
                if (!Monitor.Wait(_gate, deadline) && !Monitor.Wait(_gate, Grace) && _state == State.Reading && _next == progress)
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
        TRequest request;
        lock (_gate)
        {
            if (_state == State.Reading && _next < _end)
                Current = _requests[_next];
            else if (_state != State.Ended)
                Enter(State.Idle); // Everything is read, or this thread did not even come to run before the deadline.

            if (_state != State.Reading)
                return false;

            request = Current!;
        }

        var reading = _read(request);
        lock (_gate)
        {
            if (_state != State.Reading)
            {
                if (_state == State.Hanging)
                    Enter(State.Idle); // It answered after all; nobody waits for the answer any more.

                return false;
            }

            _readings[_next++] = reading;
            if (_next == _end)
                Enter(State.Idle);
        }

        return true;
    }

    private void Enter(State state)
    {
        _state = state;
        Monitor.PulseAll(_gate);
    }
}
