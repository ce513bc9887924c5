using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>A pod of one container that was given devices, which it keeps until it ends.</summary>
/// <param name="Number">Counts the pods of this <see cref="FakeKubelet"/>, from 1.</param>
/// <param name="ResourceName">The resource.</param>
/// <param name="DeviceIds">The devices that the kubelet chose.</param>
/// <param name="Response">The plugin's answer, which every start of the container uses again.</param>
public sealed record AdmittedPod(int Number, string ResourceName, EquatableArray<string> DeviceIds, ContainerResponse Response);
