using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>Remembers the last warnings and errors of the log. What is logged again moves to the front, and takes no second place.</summary>
internal sealed class LoggedProblems(TimeProvider timeProvider) : ILoggerProvider
{
    public const int Capacity = 50;

    private const int LongestMessage = 1000;

    private readonly Lock _lock = new();
    private ImmutableList<LoggedProblem> _latest = [];

    /// <summary>The newest first.</summary>
    public IReadOnlyList<LoggedProblem> Latest => Volatile.Read(ref _latest);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, string source, string message)
    {
        var now = timeProvider.GetUtcNow();
        lock (_lock)
        {
            var problem = new LoggedProblem(now, now, level, source, message, Count: 1);
            var others = _latest;
            if (others.Find(other => (other.Source, other.Message, other.Level) == (source, message, level)) is { } same)
            {
                problem = same with { Time = now, Count = same.Count + 1 };
                others = others.Remove(same);
            }
            else if (others.Count == Capacity)
                others = others.RemoveAt(Capacity - 1);

            Volatile.Write(ref _latest, others.Insert(0, problem));
        }
    }

    private sealed class Logger(LoggedProblems problems, string source) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;

            var message = formatter(state, exception);
            if (exception is not null && !message.Contains(exception.Message, StringComparison.Ordinal))
                message = $"{message}: {exception.Message}";

            problems.Add(logLevel, source, message.Length > LongestMessage ? message[..LongestMessage] + "…" : message);
        }
    }
}
