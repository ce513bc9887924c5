using System.Collections.Concurrent;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Resources;

/// <summary>Answers as a test tells it.</summary>
internal sealed class ScriptedAllocator : IDeviceAllocator
{
    private readonly ConcurrentQueue<IReadOnlyList<PluginDevice>> _calls = new();

    /// <summary>What it was asked to allocate.</summary>
    public IReadOnlyCollection<IReadOnlyList<PluginDevice>> Calls => _calls;

    public Func<IReadOnlyList<PluginDevice>, CancellationToken, ValueTask<ContainerAllocation>> OnAllocate { get; set; } =
        (_, _) => ValueTask.FromResult(new ContainerAllocation());

    public Func<PreferenceRequest, IReadOnlyList<string>> OnPrefer { get; set; } = _ => [];

    public ValueTask<ContainerAllocation> AllocateAsync(IReadOnlyList<PluginDevice> devices, CancellationToken cancellationToken)
    {
        _calls.Enqueue(devices);
        return OnAllocate(devices, cancellationToken);
    }

    public IReadOnlyList<string> Prefer(PreferenceRequest request) => OnPrefer(request);
}
