using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Offers the host's NPUs to the kubelet.</summary>
internal sealed class DevicePluginCommand(Func<string, string?> environment)
{
    public const string Name = "device-plugin";

    private readonly DevicePluginCommandOptions _options = new();

    private string? PodUid => environment("POD_UID");

    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    public static Command Create(Func<string, string?> environment)
    {
        var handler = new DevicePluginCommand(environment);
        var command = new Command(Name, "Offer the node's NPUs to the kubelet as a resource that Pods ask for.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed, PodUid));
        var address = parsed.GetValue(_options.Address);
        var isServed = address is not null;
        var builder = CommandHost.CreateBuilder(parsed, _options.Logging, parsed.GetRequiredValue(_options.Root), isServed);
        // First, so that it can tell of the others until they have ended.
        if (address is not null)
            builder.Services.AddNpuEndpoint(endpoint => endpoint.Address = address);
        if (parsed.GetValue(_options.ConfigFile) is { } file)
            AddConfigFile(builder.Services, file, NodeName.Choose(parsed.GetValue(_options.NodeName), environment), isServed);
        else
        {
            builder.Services.AddNpuDevices(devices => _options.Apply(parsed, devices));
            builder.Services.AddNpuDevicePlugin(plugin => _options.Apply(parsed, plugin));
        }

        builder.Services.Configure<DevicePluginOptions>(plugin => plugin.PodUid = PodUid);
        using var host = builder.Build();
        await CommandHost.RunAsync(host, cancellationToken);
        return ExitCode.Done;
    }

    private void AddConfigFile(IServiceCollection services, string file, string nodeName, bool isServed)
    {
        services.AddDevicePluginFile(new DevicePluginFileReader(file, nodeName, Validate), ReadFirst(file, nodeName, isServed));
        services.AddNpuDevicePlugin();
    }

    private DevicePluginFile ReadFirst(string file, string nodeName, bool isServed)
    {
        try
        {
            return new DevicePluginFileReader(file, nodeName, isServed ? Validate : ValidateWithFolder).Read();
        }
        catch (ConfigurationFileException exception)
        {
            throw new UsageException(exception.Mistakes);
        }
    }

    private IEnumerable<(string Key, string Reason)> Validate(DevicePluginFile file) => file.Errors(PodUid);

    /// <summary>The folder has to be there at the start, unless /readyz tells; later the kubelet may be about to make it anew.</summary>
    private IEnumerable<(string Key, string Reason)> ValidateWithFolder(DevicePluginFile file)
    {
        var (key, folder) = file.Registration == RegistrationMode.Watcher
            ? (DevicePluginFileKey.RegistryDir, file.RegistryDir) : (DevicePluginFileKey.PluginDir, file.PluginDir);
        return DevicePluginOptions.PluginDirectoryError(folder) is { } error ? [.. Validate(file), (key, error)] : Validate(file);
    }
}
