using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The main job: the host's NPUs become labels.</summary>
internal sealed class LabelCommand
{
    public const string Name = "label";

    /// <summary>In which the agents of a cluster that start together begin to call the API server.</summary>
    public static readonly TimeSpan MaxStartDelay = TimeSpan.FromSeconds(10);

    private readonly LabelCommandOptions _options;
    private readonly TextWriter _output;
    private readonly Func<string, string?> _environment;

    private LabelCommand(TextWriter output, Func<string, string?> environment, LabelCommandOptions options)
    {
        _options = options;
        _output = output;
        _environment = environment;
    }

    /// <param name="output">Takes results.</param>
    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    /// <param name="options">The options with their defaults.</param>
    public static Command Create(TextWriter output, Func<string, string?> environment, LabelCommandOptions options)
    {
        var handler = new LabelCommand(output, environment, options);
        var command = new Command(Name, "Publish labels that tell the node's NPUs, their driver and the machine.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed));
        using var loggers = LoggerFactory.Create(logging => _options.Logging.Configure(logging, parsed));
        using var sinks = new LabelSinks(_options, parsed, _output, _environment, loggers);
        if (parsed.GetValue(_options.Cleanup))
            await new LabelCleanup(sinks, _output).RunAsync(cancellationToken);
        else if (parsed.GetValue(_options.DryRun))
            await PrintDifferenceAsync(parsed, sinks.Create(), cancellationToken);
        else if (parsed.GetValue(_options.OneShot))
            await PublishOnceAsync(parsed, sinks.Create(), loggers, cancellationToken);
        else
            await RunServiceAsync(parsed, sinks, cancellationToken);

        return ExitCode.Done;
    }

    private async Task PublishOnceAsync(
        ParseResult parsed, ILabelSink sink, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        using var reader = new NodeReader(_options.RootOf(parsed));
        var publisher = new LabelPublisher(_options.LabelsOf(parsed), sink, loggers.CreateLogger<LabelPublisher>());
        await publisher.PublishAsync(reader.Read(), cancellationToken);
    }

    private async Task RunServiceAsync(ParseResult parsed, LabelSinks sinks, CancellationToken cancellationToken)
    {
        var address = parsed.GetValue(_options.Address);
        var builder = CommandHost.CreateBuilder(parsed, _options.Logging, _options.RootOf(parsed), isServed: address is not null);
        builder.Services.AddSingleton(sinks.Create());
        // First, so that it can tell of the others until they have ended.
        if (address is not null)
            builder.Services.AddNpuEndpoint(endpoint => endpoint.Address = address);
        builder.Services.AddNpuDevices(devices => _options.Apply(parsed, devices));
        builder.Services.AddNpuLabels(labels =>
        {
            _options.Apply(parsed, labels);
            labels.MaxStartDelay = sinks.CallsApi ? MaxStartDelay : TimeSpan.Zero;
        });
        LabelSinks.AddEvents(builder.Services, _options, parsed, _environment, _ => sinks);
        using var host = builder.Build();
        await CommandHost.RunAsync(host, cancellationToken);
    }

    private async Task PrintDifferenceAsync(ParseResult parsed, ILabelSink sink, CancellationToken cancellationToken)
    {
        using var reader = new NodeReader(_options.RootOf(parsed));
        var labels = LabelEngine.Create(reader.Read(), _options.LabelsOf(parsed));
        var published = await sink.ReadPublishedAsync(cancellationToken);
        foreach (var line in LabelDifference.Describe(published, labels))
            await _output.WriteLineAsync(PrintableText.Of(line));
    }
}
