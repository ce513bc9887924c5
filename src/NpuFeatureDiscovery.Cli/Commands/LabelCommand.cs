using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The main job: the host's NPUs become labels.</summary>
internal sealed class LabelCommand
{
    public const string Name = "label";

    private readonly LabelCommandOptions _options;
    private readonly TextWriter _output;

    private LabelCommand(TextWriter output, string defaultProfile)
    {
        _options = new LabelCommandOptions(defaultProfile);
        _output = output;
    }

    public static Command Create(TextWriter output, string defaultProfile)
    {
        var handler = new LabelCommand(output, defaultProfile);
        var command = new Command(Name, "Publish labels that tell the node's NPUs, their driver and the machine.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed));
        if (parsed.GetValue(_options.DryRun))
            return PrintDifferenceAsync(parsed);

        return parsed.GetValue(_options.OneShot)
            ? PublishOnceAsync(parsed, cancellationToken)
            : RunServiceAsync(parsed, cancellationToken);
    }

    private async Task<int> PublishOnceAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(logging => _options.Logging.Configure(logging, parsed));
        using var reader = new NodeReader(_options.RootOf(parsed));
        var publisher = new LabelPublisher(
            _options.LabelsOf(parsed), CreateSink(parsed), loggers.CreateLogger<LabelPublisher>());
        await publisher.PublishAsync(reader.Read(), cancellationToken);
        return ExitCode.Done;
    }

    private async Task<int> RunServiceAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var root = _options.RootOf(parsed);
        NodeReader.ThrowIfNoHost(root);

        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        _options.Logging.Configure(builder.Logging, parsed);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(root);
        builder.Services.AddSingleton(CreateSink(parsed));
        builder.Services.AddNpuDevices(devices => _options.Apply(parsed, devices));
        builder.Services.AddNpuLabels(labels => _options.Apply(parsed, labels));
        using var host = builder.Build();
        await host.RunAsync(cancellationToken);
        return ExitCode.Done;
    }

    private async Task<int> PrintDifferenceAsync(ParseResult parsed)
    {
        using var reader = new NodeReader(_options.RootOf(parsed));
        var labels = LabelEngine.Create(reader.Read(), _options.LabelsOf(parsed));
        var published = new FeatureFileSink(_options.FeatureFileOf(parsed)).ReadPublished();
        foreach (var line in LabelDifference.Describe(published, labels))
            await _output.WriteLineAsync(line);

        return ExitCode.Done;
    }

    private ILabelSink CreateSink(ParseResult parsed) => parsed.ValueOf(_options.Output) == LabelOutput.StandardOutput
        ? new TextWriterSink(_output)
        : new FeatureFileSink(_options.FeatureFileOf(parsed));
}
