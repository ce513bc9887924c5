namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>
/// Work that many may ask for at a time and that runs once at a time: who comes while it runs gets the same result. Work that
/// hangs fails for everybody at its deadline, and is not started again before it has ended, so that it holds one thread at most.
/// </summary>
/// <param name="work">What is run.</param>
/// <param name="deadline">How long it may take.</param>
/// <param name="timeProvider">The deadline's clock.</param>
/// <param name="isPrompt">
/// Whether the work never blocks its thread, so that it may begin on that of who asks for it: sooner than threads are changed. Not by
/// default.
/// </param>
internal sealed class SharedRun<T>(
    Func<CancellationToken, Task<T>> work, TimeSpan deadline, TimeProvider timeProvider, Func<bool>? isPrompt = null)
{
    private readonly Lock _lock = new();
    private Task _run = Task.CompletedTask;
    private Task<T>? _result;

    /// <exception cref="TimeoutException">The deadline is over.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        Task<T> result;
        Task<Task<T>>? run = null;
        lock (_lock)
        {
            if (_result is null || _run.IsCompleted)
            {
                // The deadline counts from before the work, which may block its thread.
                run = new Task<Task<T>>(RunAsync);
                _run = run.Unwrap();
                _result = ((Task<T>)_run).WaitAsync(deadline, timeProvider, CancellationToken.None);
            }

            result = _result;
        }

        if (run is not null && isPrompt?.Invoke() == true)
            run.RunSynchronously(TaskScheduler.Default);
        else
            run?.Start(TaskScheduler.Default);

        return result.WaitAsync(cancellationToken);
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
