using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Cli.Status;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

public sealed class LoggedProblemsTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LoggedProblems _problems;

    public LoggedProblemsTests() => _problems = new LoggedProblems(_time);

    public void Dispose() => _problems.Dispose();

    [Test]
    public void Warnings_and_what_is_graver_are_kept_the_newest_first()
    {
        Log(LogLevel.Information, "started");
        Log(LogLevel.Warning, "slow");
        Log(LogLevel.Error, "failed");

        Assert.That(_problems.Latest.Select(problem => (problem.Level, problem.Source, problem.Message)),
            Is.EqualTo([(LogLevel.Error, "Source", "failed"), (LogLevel.Warning, "Source", "slow")]));
    }

    [Test]
    public void What_is_logged_again_is_counted_and_moves_to_the_front()
    {
        var first = _time.GetUtcNow();
        Log(LogLevel.Warning, "slow");
        Log(LogLevel.Error, "failed");
        _time.Advance(TimeSpan.FromSeconds(1));

        Log(LogLevel.Warning, "slow");

        Assert.That(_problems.Latest.Select(problem => problem.Message), Is.EqualTo((string[])["slow", "failed"]));
        Assert.That(_problems.Latest[0], Is.EqualTo(
            new LoggedProblem(first + TimeSpan.FromSeconds(1), first, LogLevel.Warning, "Source", "slow", 2)));
    }

    [Test]
    public void The_oldest_make_room()
    {
        for (var number = 0; number <= LoggedProblems.Capacity; number++)
            Log(LogLevel.Warning, $"{number}");

        Assert.That(_problems.Latest, Has.Count.EqualTo(LoggedProblems.Capacity));
        Assert.That((_problems.Latest[0].Message, _problems.Latest[^1].Message), Is.EqualTo(($"{LoggedProblems.Capacity}", "1")));
    }

    [Test]
    public void The_cause_is_added_where_the_message_lacks_it()
    {
        Log(LogLevel.Error, "failed", new IOException("disk full"));
        Log(LogLevel.Error, "failed: disk full", new IOException("disk full"));

        Assert.That(_problems.Latest.Select(problem => (problem.Message, problem.Count)), Is.EqualTo([("failed: disk full", 2)]));
    }

    private void Log(LogLevel level, string message, Exception? exception = null) =>
        _problems.CreateLogger("Source").Log(level, default, message, exception, (text, _) => text);
}
