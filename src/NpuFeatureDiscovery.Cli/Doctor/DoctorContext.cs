using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>What all checks look at. They run at the same time: nothing of it changes.</summary>
internal sealed class DoctorContext : IDisposable
{
    /// <summary>The folder that is read as the host.</summary>
    public required HostRoot Root { get; init; }

    /// <summary>The host's NPUs, read once; null where nothing is known of them.</summary>
    public NodeSnapshot? Node { get; init; }

    /// <summary>Why nothing is known of them, and what to do; null where they are known.</summary>
    public string? NodeFailure { get; init; }

    /// <summary>The host's NPUs; none where nothing is known of them.</summary>
    public EquatableArray<NpuDevice> Devices => Node?.Devices ?? [];

    public required string NodeName { get; init; }

    /// <summary>Whether this is a container, where folders of the host have to be mounted.</summary>
    public required bool IsContainer { get; init; }

    public required DoctorFolders Folders { get; init; }

    /// <summary>The extended resources of NPUs; one that ends in <c>*</c> stands for all that begin so.</summary>
    public required IReadOnlyList<string> Resources { get; init; }

    /// <summary>Where a program of ours serves /readyz and /metrics; null where that is not said.</summary>
    public EndpointAddress? Address { get; init; }

    /// <summary>The API server; null where there is none.</summary>
    public KubernetesClient? Kubernetes { get; init; }

    /// <summary>Why there is no API server; null where there is one.</summary>
    public string? NoKubernetes { get; init; }

    /// <summary>Gives the value of a variable, null where there is none.</summary>
    public required Func<string, string?> Environment { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Whether a resource is one of NPUs.</summary>
    public bool IsNpuResource(string name) => Resources.Any(resource => resource.EndsWith('*')
        ? name.AsSpan().StartsWith(resource.AsSpan(0, resource.Length - 1), StringComparison.Ordinal)
        : name == resource);

    /// <summary>What to call a card: also by its product where a card of another family has the same name.</summary>
    public string NameOf(NpuDevice device) =>
        Devices.Count(other => other.Name == device.Name) > 1 ? $"{device.Name} ({device.Product})" : device.Name;

    /// <summary>What to do about a folder of the host that is not here, or not as it has to be.</summary>
    /// <param name="path">Where it is looked for.</param>
    /// <param name="isReadOnly">Whether nobody writes there.</param>
    /// <param name="onHost">What to do outside of a container.</param>
    public string MountRemedy(string path, bool isReadOnly, string onHost)
    {
        var isBelowRoot = !Root.IsHostItself && path.StartsWith(Root.Path + "/", StringComparison.Ordinal);
        var hostPath = isBelowRoot ? path[Root.Path.Length..] : path;
        return IsContainer
            ? $"Give the Pod a hostPath volume of {hostPath}, mounted at {path}{(isReadOnly ? ", read-only" : "")}."
            : onHost;
    }

    /// <summary>A way to ask the kubelet who holds which NPU.</summary>
    public PodResourcesClient CreatePodResources() =>
        new(new PodResourcesOptions { SocketPath = Folders.PodResources, Resources = [.. Resources] }, TimeProvider);

    public void Dispose() => Kubernetes?.Dispose();
}
