namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>
/// Work that many may ask for at a time and that runs once at a time: who comes while it runs gets the same result. Work that
/// hangs fails for everybody at its deadline, and is not started again before it has ended, so that it holds one thread at most.
/// </summary>
internal sealed class SharedRun<T>(Func<CancellationToken, Task<T>> work, TimeSpan deadline, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private Task _run = Task.CompletedTask;
    private Task<T>? _result;

    /// <exception cref="TimeoutException">The deadline is over.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_result is null || _run.IsCompleted)
                _result = Start();

            return _result.WaitAsync(cancellationToken);
        }
    }

    private Task<T> Start()
    {
        // The deadline counts from before the work, which may block its thread.
        var run = new Task<Task<T>>(RunAsync);
        var result = run.Unwrap();
        _run = result;
        var limited = result.WaitAsync(deadline, timeProvider);
        run.Start(TaskScheduler.Default);
        return limited;
    }

    private async Task<T> RunAsync()
    {
        using var ending = new CancellationTokenSource(deadline, timeProvider);
        try
        {
            return await work(ending.Token);
        }
        catch (Exception exception) when (ending.IsCancellationRequested)
        {
            // What work says of its own end then, such as a gRPC status, is not the cause.
            throw new TimeoutException(null, exception);
        }
    }
}
