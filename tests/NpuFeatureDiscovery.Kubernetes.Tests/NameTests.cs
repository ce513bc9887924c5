using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

/// <summary>A name is one part of a path, and leads nowhere else.</summary>
[CancelAfter(30_000)]
public sealed class NameTests
{
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("node-1/status")]
    [TestCase("../pods")]
    [TestCase("..%2fpods")]
    [TestCase("%2e%2e")]
    [TestCase("")]
    [TestCase(" ")]
    public void What_would_lead_elsewhere_is_no_name(string name)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => KubernetesResource.Nodes.Named(name), Throws.ArgumentException);
            Assert.That(() => KubernetesResource.Pods.Named("web", name), Throws.ArgumentException);
        }
    }

    [Test]
    public async Task A_namespace_that_would_lead_elsewhere_is_listed_by_nobody(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);

        await Assert.ThatAsync(
            async () => await client.ListAsync(KubernetesResource.Pods, new() { Namespace = "../nodes" }, token).GetAsyncEnumerator(token).MoveNextAsync(),
            Throws.ArgumentException);
        Assert.That(server.Requests, Is.Empty);
    }

    [TestCase("a?dryRun=All")]
    [TestCase("a#b")]
    [TestCase("a\\..\\b")]
    [TestCase("a\r\nHost: b")]
    [TestCase("...")]
    public async Task Whatever_else_a_name_holds_is_asked_for_as_it_is(string name, CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);

        await client.GetAsync(KubernetesResource.Nodes.Named(name), token).ExpectAsync(System.Net.HttpStatusCode.NotFound, Is.Not.Empty);

        var path = server.Requests.Single().Path;
        Assert.That(Uri.UnescapeDataString(path), Is.EqualTo($"/api/v1/nodes/{name}"));
        Assert.That(path, Does.Not.Contain('?').And.Not.Contain('#').And.Not.Contain('\n'));
    }

    [Test]
    public async Task A_selector_adds_no_parameter(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);

        await foreach (var _ in client.ListAsync(KubernetesResource.Pods, new() { Fields = "spec.nodeName=a&watch=true#" }, token))
            Assert.Fail("There is no Pod.");

        Assert.That(server.Requests.Single().Path, Does.Not.Contain("watch=true#").And.Not.Contain("&watch=true"));
    }

    [Test]
    public void The_user_and_password_of_an_address_are_not_kept()
    {
        using var folder = new NpuFeatureDiscovery.Testing.TemporaryFolder();
        File.WriteAllText(folder.At("config"), """
            current-context: test
            contexts: [{name: test, context: {cluster: test}}]
            clusters: [{name: test, cluster: {server: "https://somebody:secret@127.0.0.1:6443/base"}}]
            """);

        Assert.That(
            $"{KubernetesConfiguration.FromKubeconfig([folder.At("config")]).Server}", Is.EqualTo("https://127.0.0.1:6443/base"));
    }
}
