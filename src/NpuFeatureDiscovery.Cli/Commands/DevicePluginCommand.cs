using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Offers the host's NPUs to the kubelet.</summary>
internal sealed class DevicePluginCommand
{
    public const string Name = "device-plugin";

    private readonly DevicePluginCommandOptions _options = new();

    public static Command Create()
    {
        var handler = new DevicePluginCommand();
        var command = new Command(Name, "Offer the node's NPUs to the kubelet as a resource that Pods ask for.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed));
        var root = parsed.GetRequiredValue(_options.Root);
        NodeReader.ThrowIfNoHost(root);

        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        _options.Logging.Configure(builder.Logging, parsed);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(root);
        builder.Services.AddNpuDevices(devices => _options.Apply(parsed, devices));
        builder.Services.AddNpuDevicePlugin(plugin => _options.Apply(parsed, plugin));
        using var host = builder.Build();
        await host.RunAsync(cancellationToken);
        return ExitCode.Done;
    }
}
