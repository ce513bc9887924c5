using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests;

/// <summary>Takes away what the tests of this assembly share on a real API server.</summary>
[SetUpFixture]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public sealed class ClusterSetUp
{
    private static bool _hasNodeFeatures;

    public static async Task<IKubernetesServer> StartAsync(string kind, CancellationToken token)
    {
        if (kind == "fake")
            return await FakeKubernetesApi.StartAsync(token);
        if (RealKubernetesApi.Missing is { } reason)
            Assert.Ignore(reason);

        return await RealKubernetesApi.StartAsync(token);
    }

    public static async Task AddNodeFeaturesAsync(IKubernetesServer server)
    {
        await server.AddNodeFeaturesAsync();
        _hasNodeFeatures |= server is RealKubernetesApi;
    }

    [OneTimeTearDown]
    public async Task RemoveAsync()
    {
        if (_hasNodeFeatures)
            await RealKubernetesApi.RemoveNodeFeaturesAsync(CancellationToken.None);
    }
}
