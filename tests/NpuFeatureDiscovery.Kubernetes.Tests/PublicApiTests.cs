using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

public sealed class PublicApiTests
{
    [Test]
    public void The_public_surface_is_the_one_that_was_agreed_to()
    {
        var difference = VerifiedText.Difference(PublicApi.Print(typeof(KubernetesClient).Assembly), "PublicApi");

        Assert.That(difference, Is.Null, difference);
    }
}
