namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>How a container asks its runtime for CDI devices.</summary>
/// <param name="Annotation">By an annotation of the container; null where not so.</param>
/// <param name="Devices">By the kubelet's field: qualified names, none where not so.</param>
internal sealed record CdiRequest(CdiAnnotation? Annotation, IReadOnlyList<string> Devices)
{
    public static CdiRequest None { get; } = new(null, []);
}
