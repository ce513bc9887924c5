using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Testing;

/// <summary>One logged event.</summary>
public sealed record LogEntry(LogLevel Level, string? EventName, string Message);

/// <summary>Keeps everything that is logged, for tests to read.</summary>
public sealed class LogSink : ILoggerProvider, ILogger
{
    /// <summary>Kestrel's warning that its timer was called late, which other tests bring about.</summary>
    private const string MachineIsBusy = "HeartbeatSlow";

    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private TaskCompletionSource _next = NewSignal();

    public IReadOnlyCollection<LogEntry> Entries => _entries;

    /// <summary>The messages of one level or of all, in order.</summary>
    public IEnumerable<string> Messages(LogLevel? level = null) =>
        _entries.Where(entry => level is null || entry.Level == level).Select(entry => entry.Message);

    /// <summary>Waits until such an event is logged so many times, if it is not yet.</summary>
    public async Task WaitForAsync(Func<LogEntry, bool> predicate, CancellationToken cancellationToken, int times = 1)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            if (_entries.Count(predicate) >= times)
                return;

            await next.Task.WaitAsync(cancellationToken);
        }
    }

    public ILogger<T> CreateLogger<T>() => new Logger<T>(new SingleProviderFactory(this));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == MachineIsBusy)
            return;

        _entries.Enqueue(new LogEntry(logLevel, eventId.Name, formatter(state, exception)));
        Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();
    }

    public void Dispose()
    {
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class SingleProviderFactory(LogSink sink) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => sink;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
