namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>
/// Asks a runtime for CDI devices by an annotation of the container, which kubelets of every version hand on.
/// </summary>
/// <remarks>https://github.com/cncf-tags/container-device-interface#kubernetes-configuration</remarks>
/// <param name="Key">One for each allocation: the kubelet keeps one value of a key for all resources of a container.</param>
/// <param name="Value">The devices.</param>
internal sealed record CdiAnnotation(string Key, string Value)
{
    /// <param name="names">Qualified names of one kind, one at least. No other allocation of the container has the first of them.</param>
    public static CdiAnnotation Create(IReadOnlyList<string> names)
    {
        var id = names[0].Replace('/', '.').Replace('=', '_').Replace(':', '_');
        return new CdiAnnotation($"cdi.k8s.io/{id}", string.Join(',', names));
    }
}
