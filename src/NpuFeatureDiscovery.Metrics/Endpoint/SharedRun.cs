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
    private Run? _run;

    /// <exception cref="TimeoutException">The deadline is over.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        Run run;
        CancellationTokenSource? ending = null;
        lock (_lock)
        {
            if (_run is null || _run.HasEnded)
            {
                _run = new Run();
                // The deadline counts from before the work, which may block its thread.
                ending = new CancellationTokenSource(deadline, timeProvider);
                ending.Token.UnsafeRegister(static run => ((Run)run!).TrySetException(new TimeoutException()), _run);
            }

            run = _run;
        }

        if (ending is not null && isPrompt?.Invoke() == true)
            _ = RunAsync(run, ending);
        else if (ending is not null)
            Queue(run, ending);

        return run.Task.WaitAsync(cancellationToken);
    }

    private void Queue(Run run, CancellationTokenSource ending) => ThreadPool.UnsafeQueueUserWorkItem(_ => _ = RunAsync(run, ending), null);

    private async Task RunAsync(Run run, CancellationTokenSource ending)
    {
        using (ending)
        {
            try
            {
                var result = await work(ending.Token);
                run.HasEnded = true;
                run.TrySetResult(result);
            }
            catch (Exception exception)
            {
                run.HasEnded = true;
                // What work says of its own end after the deadline, such as a gRPC status, is not the cause.
                run.TrySetException(ending.IsCancellationRequested ? new TimeoutException(null, exception) : exception);
            }
        }
    }

    private sealed class Run : TaskCompletionSource<T>
    {
        private volatile bool _hasEnded;

        /// <summary>Whether the work is at its end, which may be long after the deadline.</summary>
        public bool HasEnded
        {
            get => _hasEnded;
            set => _hasEnded = value;
        }
    }
}
