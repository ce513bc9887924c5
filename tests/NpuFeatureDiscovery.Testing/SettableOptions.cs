using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Testing;

/// <summary>Options that a test sets while what uses them runs.</summary>
public sealed class SettableOptions<T>(T value) : IOptionsMonitor<T>
{
    private readonly List<Action<T, string?>> _listeners = [];

    public T CurrentValue { get; private set; } = value;

    public T Get(string? name) => CurrentValue;

    public IDisposable OnChange(Action<T, string?> listener)
    {
        _listeners.Add(listener);
        return new Subscription(() => _listeners.Remove(listener));
    }

    /// <summary>Puts a value in the place of the current one, and tells those who asked to be told.</summary>
    public void Set(T value)
    {
        CurrentValue = value;
        foreach (var listener in _listeners.ToArray())
            listener(value, Options.DefaultName);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
