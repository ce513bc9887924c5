using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Shows the state of the host's NPUs to Prometheus.</summary>
internal sealed class MetricsExporterCommand(Func<string, string?> environment)
{
    public const string Name = "metrics-exporter";

    private readonly MetricsExporterCommandOptions _options = new();

    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    public static Command Create(Func<string, string?> environment)
    {
        var handler = new MetricsExporterCommand(environment);
        var command = new Command(Name, "Serve the state of the node's NPUs to Prometheus.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed));
        var builder = CommandHost.CreateBuilder(parsed, _options.Logging, parsed.GetRequiredValue(_options.Root), isServed: true);
        builder.Services.AddNpuEndpoint(endpoint =>
        {
            endpoint.Address = _options.AddressOf(parsed);
            _options.Endpoint.Apply(parsed, endpoint);
        });
        builder.Services.AddNpuDevices(devices => _options.Apply(parsed, devices));
        builder.Services.AddNpuMetrics(metrics => _options.Apply(parsed, metrics, environment));
        builder.Services.Configure<PodResourcesOptions>(pods => _options.Apply(parsed, pods));
        using var host = builder.Build();
        await CommandHost.RunAsync(host, cancellationToken);
        return ExitCode.Done;
    }
}
