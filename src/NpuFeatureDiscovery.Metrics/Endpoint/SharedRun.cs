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
        TaskCompletionSource<T>? run = null;
        lock (_lock)
        {
            if (_result is null || _run.IsCompleted)
            {
                run = new TaskCompletionSource<T>();
                _run = run.Task;
                // The deadline counts from before the work, which may block its thread.
                _result = run.Task.WaitAsync(deadline, timeProvider, CancellationToken.None);
            }

            result = _result;
        }

        if (run is not null && isPrompt?.Invoke() == true)
            _ = RunAsync(run);
        else if (run is not null)
            ThreadPool.UnsafeQueueUserWorkItem(run => _ = RunAsync(run), run, preferLocal: true);

        return result.WaitAsync(cancellationToken);
    }

    private async Task RunAsync(TaskCompletionSource<T> run)
    {
        using var ending = new CancellationTokenSource(deadline, timeProvider);
        try
        {
            run.SetResult(await work(ending.Token));
        }
        catch (Exception exception)
        {
            // What work says of its own end after the deadline, such as a gRPC status, is not the cause.
            run.SetException(ending.IsCancellationRequested ? new TimeoutException(null, exception) : exception);
        }
    }
}
