using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Security;

public sealed class LogLineFormatterTests
{
    private readonly ManualTimeProvider _time = new();

    [TestCase(LogLevel.Debug, "dbug")]
    [TestCase(LogLevel.Information, "info")]
    [TestCase(LogLevel.Warning, "warn")]
    [TestCase(LogLevel.Error, "fail")]
    [TestCase(LogLevel.Critical, "crit")]
    public void An_event_is_a_line_with_time_level_category_and_number(LogLevel level, string name) =>
        Assert.That(Write(level, "Published 3 labels", null), Is.EqualTo(
            $"{_time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {name}: Some.Category[7] Published 3 labels\n"));

    [Test]
    public void What_is_logged_can_neither_forge_a_line_nor_reach_the_terminal()
    {
        var line = Write(
            LogLevel.Warning, "said 'x\r\n2026-01-01T00:00:00.000Z info: Forged[1] all is well\e[2J'",
            new IOException("first\nsecond\u2028third\e]0;title\a"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(line.TrimEnd('\n').Where(char.IsControl), Is.Empty);
            Assert.That(line, Does.EndWith("\n").And.Contain("said 'x? 2026-01-01").And.Contain("System.IO.IOException: first second?third?]0;title?"));
        }
    }

    private string Write(LogLevel level, string message, Exception? exception)
    {
        using var text = new StringWriter();
        new LogLineFormatter(_time).Write(
            new LogEntry<string>(level, "Some.Category", new EventId(7), message, exception, (state, _) => state), null, text);
        return text.ToString();
    }
}
