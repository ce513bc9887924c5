namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>The current state, changed whole, and waited for.</summary>
internal sealed class StateBoard
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = NewSignal();
    private KubeletState _state = new();

    public KubeletState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    public void Change(Func<KubeletState, KubeletState> change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _state = change(_state);
            (changed, _next) = (_next, NewSignal());
        }

        changed.SetResult();
    }

    public void Log(string line) => Change(state => state with { Log = [.. state.Log, line] });

    public async Task<KubeletState> WaitForAsync(Func<KubeletState, bool> predicate, CancellationToken cancellationToken)
    {
        while (true)
        {
            KubeletState state;
            Task next;
            lock (_lock)
                (state, next) = (_state, _next.Task);

            if (predicate(state))
                return state;

            try
            {
                await next.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException exception)
            {
                throw new OperationCanceledException(
                    $"The kubelet's state is not the one that is waited for: {state}.", exception, cancellationToken);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
