using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>An API server for tests, a fake or a real one, so that both can be given the same tests.</summary>
public interface IKubernetesServer : IAsyncDisposable
{
    /// <summary>May do everything.</summary>
    KubernetesConfiguration Admin { get; }

    /// <summary>A namespace of this test's own.</summary>
    string TestNamespace { get; }

    /// <summary>A name that no other test has, for an object without a namespace; what is made by it is deleted in the end.</summary>
    string NewNodeName();

    /// <summary>Adds an account that may do just this, in the whole cluster.</summary>
    Task<KubernetesConfiguration> AddAccountAsync(params ApiRule[] rules);

    /// <summary>Serves NodeFeature objects from now on.</summary>
    Task AddNodeFeaturesAsync();
}
