using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Cli.Status;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Labels, device plugin and metrics in one process, which read the host once.</summary>
internal sealed class AgentCommand(TextWriter output, Func<string, string?> environment)
{
    public const string Name = "agent";

    private readonly AgentCommandOptions _options = new();
    private readonly AgentSections _sections = new();

    /// <param name="output">Takes results.</param>
    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    public static Command Create(TextWriter output, Func<string, string?> environment)
    {
        var handler = new AgentCommand(output, environment);
        var command = new Command(Name, "Do what label, device-plugin and metrics-exporter do, any of them in one process.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed));
        var context = new AgentContext(parsed.GetValue(_options.NodeName), output, environment);
        var reader = parsed.GetValue(_options.ConfigFile) is { } file ? new AgentFileReader(file, context) : null;
        var configuration = reader is null ? ReadOptions(parsed, context) : ReadFile(reader);

        var builder = CommandHost.CreateBuilder(parsed, _options.Logging, parsed.GetRequiredValue(_options.Root), isServed: true);
        // First, so that it can tell of the others until they have ended.
        builder.Services.AddNpuEndpoint(endpoint =>
        {
            endpoint.Address = EndpointAddress.Parse(configuration.Address);
            _sections.Metrics.Endpoint.Apply(_sections.ParseMetrics(configuration, context.NodeNameOption), endpoint);
        });
        builder.Services.AddNpuAgent(configuration, context, reader);
        builder.Services.AddSingleton<IStatusParts, AgentStatusParts>();
        builder.Services.AddStatus(context.NodeName);
        using var host = builder.Build();
        await CommandHost.RunAsync(host, cancellationToken);
        return ExitCode.Done;
    }

    private static AgentConfiguration ReadFile(AgentFileReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (ConfigurationFileException exception)
        {
            throw new UsageException(exception.Mistakes);
        }
    }

    /// <summary>What a part's command says of a value is said of the option here.</summary>
    private AgentConfiguration ReadOptions(ParseResult parsed, AgentContext context)
    {
        var configuration = _options.Read(parsed);
        var label = _sections.ParseLabel(configuration, context.NodeNameOption);
        var metrics = _sections.ParseMetrics(configuration, context.NodeNameOption);
        UsageException.ThrowIfAny(
        [
            .. UsageErrors.Describe(label).Select(mistake => mistake.Replace("'--profile'", "'--label-profile'", StringComparison.Ordinal)),
            .. UsageErrors.Describe(metrics).Select(mistake => mistake.Replace("'--profile'", "'--metrics-profile'", StringComparison.Ordinal)),
        ]);
        UsageException.ThrowIfAny(_sections.Metrics.OwnContradictions(metrics)
            .Select(mistake => mistake.Replace("'--profile'", "'--metrics-profile'", StringComparison.Ordinal)));
        return configuration;
    }
}
