namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>An id that a container holds, or that a Pod held which has ended.</summary>
/// <param name="PodUid">The Pod's UID.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Resource">The extended resource that it was asked for as.</param>
/// <param name="Id">The id.</param>
public sealed record HeldDevice(string PodUid, string Container, string Resource, string Id);
