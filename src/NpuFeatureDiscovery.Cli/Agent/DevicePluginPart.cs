using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.DevicePlugin;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What <c>device-plugin</c> does.</summary>
internal sealed class DevicePluginPart(AgentContext context) : IAgentPart
{
    public string Name => AgentParts.DevicePlugin;

    /// <summary>One socket has one server.</summary>
    public bool StartsBeside => false;

    public object SectionOf(AgentConfiguration configuration) => configuration.DevicePlugin;

    public void AddServices(IServiceCollection services, AgentConfiguration configuration)
    {
        var changes = new OptionsChangeSignal<DevicePluginOptions>();
        var current = new CurrentDevicePluginFile(configuration.DevicePlugin, changes, new());
        services.AddSingleton(current);
        services.AddSingleton<IOptionsChangeTokenSource<DevicePluginOptions>>(changes);
        services.AddNpuDevicePlugin(plugin =>
        {
            current.Apply(plugin);
            plugin.PodUid = context.PodUid;
        });
    }

    public bool TryApply(IServiceProvider services, AgentConfiguration configuration)
    {
        var current = services.GetRequiredService<CurrentDevicePluginFile>();
        if (current.Value.WithLive(configuration.DevicePlugin) != configuration.DevicePlugin)
            return false;

        current.Update(configuration.DevicePlugin);
        return true;
    }

    public bool Leaves(AgentConfiguration before, AgentConfiguration after) => false;
}
