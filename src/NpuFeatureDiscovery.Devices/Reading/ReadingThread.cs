namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>A thread that reads, and can be left alone where a read hangs.</summary>
internal sealed class ReadingThread<TRequest, TReading> where TRequest : class
{
    /// <summary>Enough for an answer to a scrape too, which is made on the thread of the last card that is read.</summary>
    private const int StackSize = 1024 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly Func<TRequest, TReading> _read;
    private readonly Action<TRequest>? _answered;
    private readonly Action? _ended;
    private State _state = State.Idle;
    private TRequest[] _requests = [];
    private TReading[] _readings = [];
    private int _next;
    private int _end;

    /// <param name="name">The thread's name, of which the kernel shows 15 letters.</param>
    /// <param name="read">Answers a request; it must not throw.</param>
    /// <param name="answered">Called on the thread itself when the answer to a request is there; not for one that hung.</param>
    /// <param name="ended">Called on the thread itself, as its last act.</param>
    public ReadingThread(string name, Func<TRequest, TReading> read, Action<TRequest>? answered = null, Action? ended = null)
    {
        _read = read;
        _answered = answered;
        _ended = ended;
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
                    break;
            }

            while (ReadNext())
            {
            }
        }

        _ended?.Invoke();
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

        _answered?.Invoke(request);
        return true;
    }

    private void Enter(State state)
    {
        _state = state;
        Monitor.PulseAll(_gate);
    }
}
