using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Cli.Agent;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>For a program without parts of their own: all that there is are its services.</summary>
internal sealed class HostParts(IServiceProvider services) : IStatusParts
{
    public IReadOnlyList<PartState> All => [];

    public T? Find<T>() where T : class => services.GetService<T>();
}
