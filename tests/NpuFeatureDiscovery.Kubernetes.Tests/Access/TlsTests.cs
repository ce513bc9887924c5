using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Kubernetes.Tests.Access;

[CancelAfter(30_000)]
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_server_of_another_authority_gets_no_request(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        using var others = new ServerCertificates();
        File.WriteAllText(_folder.At("other.crt"), others.AuthorityPem);
        using var client = new KubernetesClient(
            server.ConfigurationOf("token: admin-token", $"certificate-authority: \"{_folder.At("other.crt")}\""), TimeProvider.System);

        await client.ServesAsync(KubernetesResource.Nodes, token)
            .ExpectAsync(null, Does.Contain("Check the certificate authority").And.Contains(client.Configuration.Source));
        Assert.That(server.Requests, Is.Empty);
    }

    [Test]
    public async Task A_server_of_another_name_gets_no_request_unless_the_kubeconfig_gives_that_name(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token, serverName: "api.example.com");
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        using var knowing = new KubernetesClient(
            server.ConfigurationOf("token: admin-token", "certificate-authority: ca.crt, tls-server-name: api.example.com"), TimeProvider.System);

        await client.ServesAsync(KubernetesResource.Nodes, token).ExpectAsync(null, Does.Contain("and the server's name"));
        Assert.That(server.Requests, Is.Empty);
        Assert.That(await knowing.ServesAsync(KubernetesResource.Nodes, token), Is.True);
    }

    [Test]
    public async Task A_server_is_taken_as_it_is_only_where_the_kubeconfig_says_so(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        using var client = new KubernetesClient(server.ConfigurationOf("token: admin-token", "namespace: x"), TimeProvider.System);
        using var insecure = new KubernetesClient(
            server.ConfigurationOf("token: admin-token", "insecure-skip-tls-verify: true"), TimeProvider.System);

        await client.ServesAsync(KubernetesResource.Nodes, token).ExpectAsync(null, Is.Not.Empty);
        Assert.That(await insecure.ServesAsync(KubernetesResource.Nodes, token), Is.True);
    }
}
