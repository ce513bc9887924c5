using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace NpuFeatureDiscovery.Cli;

/// <summary>The options of every command that logs, and the log that they ask for: on standard error, a line an event.</summary>
internal sealed class LoggingOptions
{
    private readonly Option<Choice<string>> _format = OptionFactory.CreateChoice<string>(
        "--log-format", "How to log to standard error.",
        new("text", LogLineFormatter.FormatterName), new("json", ConsoleFormatterNames.Json));

    private readonly Option<Choice<LogLevel>> _level = OptionFactory.CreateChoice<LogLevel>(
        "--log-level", "What to log: this and everything graver.",
        new("info", LogLevel.Information), new("debug", LogLevel.Debug),
        new("warning", LogLevel.Warning), new("error", LogLevel.Error));

    public void AddTo(Command command)
    {
        command.Options.Add(_format);
        command.Options.Add(_level);
    }

    public void Configure(ILoggingBuilder logging, ParseResult parsed)
    {
        logging.SetMinimumLevel(parsed.ValueOf(_level));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // What keeps a command from starting is told without it, and what ends one is critical.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.Services.AddSingleton<ConsoleFormatter>(new LogLineFormatter(TimeProvider.System));
        logging.AddJsonConsole(format =>
        {
            format.UseUtcTimestamp = true;
            format.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        // After the one above, since it chooses itself.
        logging.AddConsole(console =>
        {
            console.FormatterName = parsed.ValueOf(_format);
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            // Whoever should read the log and does not must not hold up the labels.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
            console.MaxQueueLength = 1000;
        });
    }
}
