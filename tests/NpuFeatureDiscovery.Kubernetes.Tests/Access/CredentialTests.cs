using System.Net;
using System.Security.Cryptography.X509Certificates;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Kubernetes.Tests.Access;

[CancelAfter(30_000)]
public sealed class CredentialTests : IAsyncDisposable
{
    private static readonly KubernetesObjectName Node = KubernetesResource.Nodes.Named("node-1");

    private readonly TemporaryFolder _folder = new();
    private FakeKubernetesApi _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await FakeKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);
        using var admin = new KubernetesClient(_server.Admin, TimeProvider.System);
        await admin.ApplyAsync(Node, [], "test", false, TestContext.CurrentContext.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_token_that_is_replaced_in_its_file_is_used_from_then_on(CancellationToken token)
    {
        File.WriteAllText(_folder.At("token"), "first\n");
        _server.AddToken("first", ApiRule.PatchNodes);
        using var client = Client($"tokenFile: \"{_folder.At("token")}\"");
        await client.MergePatchAsync(Node, [], "test", token);

        _server.RemoveToken("first");
        _server.AddToken("second", ApiRule.PatchNodes);
        File.WriteAllText(_folder.At("token"), "second\n");

        await client.MergePatchAsync(Node, [], "test", token);
        Assert.That(_server.Requests.Last().Account, Is.EqualTo("system:serviceaccount:test:agent"));
    }

    [Test]
    public async Task In_a_pod_the_service_accounts_token_is_used_and_its_authority_trusted(CancellationToken token)
    {
        File.WriteAllText(_folder.At("ca.crt"), _server.Certificates.AuthorityPem);
        File.WriteAllText(_folder.At("token"), "projected");
        File.WriteAllText(_folder.At("namespace"), "npu");
        _server.AddToken("projected", ApiRule.PatchNodes);
        var server = new Uri(_server.Url);
        var configuration = KubernetesConfiguration.Find(null, name => name switch
        {
            "KUBERNETES_SERVICE_HOST" => server.Host,
            "KUBERNETES_SERVICE_PORT" => $"{server.Port}",
            _ => null,
        }, _folder.Path)!;
        using var client = new KubernetesClient(configuration, TimeProvider.System);

        await client.MergePatchAsync(Node, [], "test", token);

        Assert.That(configuration.Source, Is.EqualTo("the pod's service account"));
    }

    [TestCase("", "is empty")]
    [TestCase("a\nb", "holds characters that no token has")]
    [TestCase(null, "cannot be read")]
    public async Task A_token_file_that_is_none_is_named_and_not_shown(string? text, string message, CancellationToken token)
    {
        if (text is not null)
            File.WriteAllText(_folder.At("token"), text);
        using var client = Client($"tokenFile: \"{_folder.At("token")}\"");

        await client.GetAsync(Node, token).ExpectAsync(null, Does.Contain(message).And.Not.Contains("a\nb"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_client_certificate_is_shown_from_a_file_or_from_the_kubeconfig(bool isFile, CancellationToken token)
    {
        using var certificate = _server.Certificates.SignClient("alice");
        var (pem, key) = (certificate.ExportCertificatePem(), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_folder.At("alice.crt"), pem);
        File.WriteAllText(_folder.At("alice.key"), key);
        using var client = Client(isFile
            ? $"client-certificate: \"{_folder.At("alice.crt")}\", client-key: \"{_folder.At("alice.key")}\""
            : $"client-certificate-data: {Base64(pem)}, client-key-data: {Base64(key)}");

        await client.GetAsync(Node, token);

        Assert.That(_server.Requests.Last().Account, Is.EqualTo("alice"));
    }

    [Test]
    public async Task A_plugin_is_run_with_its_arguments_and_variables_and_again_when_its_token_expires(CancellationToken token)
    {
        var time = new ManualTimeProvider();
        _server.AddToken("t-a-b", ApiRule.PatchNodes);
        using var client = Client(
            Plugin("""echo run >> "$LOG"; cat > /dev/null; printf '{"status":{"token":"t-%s-%s","expirationTimestamp":"2026-01-01T01:00:00Z"}}' "$1" "$B"; printf %s "$KUBERNETES_EXEC_INFO" > "$LOG.info" """,
                $"args: [a], env: [{{name: B, value: b}}, {{name: LOG, value: \"{_folder.At("log")}\"}}]"), time);

        await client.MergePatchAsync(Node, [], "test", token);
        await client.MergePatchAsync(Node, [], "test", token);
        Assert.That(File.ReadAllLines(_folder.At("log")), Has.Length.EqualTo(1));
        Assert.That(File.ReadAllText(_folder.At("log.info")), Is.EqualTo(
            """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}"""));

        time.Advance(TimeSpan.FromHours(1));
        await client.MergePatchAsync(Node, [], "test", token);
        Assert.That(File.ReadAllLines(_folder.At("log")), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_plugin_is_run_again_when_the_server_no_longer_accepts_its_token(CancellationToken token)
    {
        File.WriteAllText(_folder.At("token"), "first");
        _server.AddToken("first", ApiRule.PatchNodes);
        using var client = Client(Plugin($$$"""printf '{"status":{"token":"%s"}}' "$(cat {{{_folder.At("token")}}})" """));
        await client.MergePatchAsync(Node, [], "test", token);

        _server.RemoveToken("first");
        await client.MergePatchAsync(Node, [], "test", token).ExpectAsync(HttpStatusCode.Unauthorized, Is.Not.Empty);
        _server.AddToken("second", ApiRule.PatchNodes);
        File.WriteAllText(_folder.At("token"), "second");

        await client.MergePatchAsync(Node, [], "test", token);
    }

    [Test]
    public async Task A_plugin_may_give_a_client_certificate(CancellationToken token)
    {
        using var certificate = _server.Certificates.SignClient("bob");
        var status = new System.Text.Json.Nodes.JsonObject
        {
            ["status"] = new System.Text.Json.Nodes.JsonObject
            {
                ["clientCertificateData"] = certificate.ExportCertificatePem(),
                ["clientKeyData"] = certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
            },
        };
        File.WriteAllText(_folder.At("credential.json"), status.ToJsonString());
        using var client = Client(Plugin($"cat {_folder.At("credential.json")}"));

        await client.GetAsync(Node, token);

        Assert.That(_server.Requests.Last().Account, Is.EqualTo("bob"));
    }

    [TestCase("echo secret; echo 'not logged in' >&2; exit 3", "ended with 3: not logged in. Install it.")]
    [TestCase("echo secret", "is no ExecCredential (JsonReaderException). Install it.")]
    [TestCase("echo '{\"kind\":\"secret\"}'", "gave no 'status'. Install it.")]
    [TestCase("echo '{\"status\":{\"secret\":1}}'", "gave neither 'status.token' nor 'status.clientCertificateData'. Install it.")]
    public async Task A_plugin_that_fails_is_named_with_what_it_says_but_never_with_what_it_gave(string script, string message, CancellationToken token)
    {
        using var client = Client(Plugin(script, "installHint: Install it."));

        await client.GetAsync(Node, token).ExpectAsync(null, Does.Contain($"'{_folder.At("plugin")}'").And.Contains(message).And.Not.Contains("secret"));
    }

    [Test]
    public async Task A_plugin_that_is_not_there_is_named(CancellationToken token)
    {
        using var client = Client("exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: Install it.}");

        await client.GetAsync(Node, token).ExpectAsync(null, Does.Contain("'no-such-plugin' cannot be started").And.Contains("Install it."));
    }

    [Test]
    public async Task A_plugin_that_never_ends_is_ended_at_the_deadline(CancellationToken token)
    {
        var time = new ManualTimeProvider();
        var fifo = _folder.At("started");
        using var making = System.Diagnostics.Process.Start("mkfifo", fifo);
        await making.WaitForExitAsync(token);
        using var client = Client(Plugin($"echo $$ > {fifo}; exec sleep 1000"), time);

        var call = client.GetAsync(Node, token);
        var id = int.Parse(await File.ReadAllTextAsync(fifo, token), System.Globalization.CultureInfo.InvariantCulture);
        time.Advance(client.Timeout);

        await call.ExpectAsync(null, Does.Contain("did not end in time"));
        Assert.That(() => Directory.Exists($"/proc/{id}"), Is.False.After(10_000, 20));
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private KubernetesClient Client(string user, TimeProvider? time = null) => new(_server.ConfigurationOf(user), time ?? TimeProvider.System);

    private string Plugin(string script, string more = "installHint: \"\"")
    {
        var path = _folder.At("plugin");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return $"exec: {{apiVersion: client.authentication.k8s.io/v1, command: \"{path}\", {more}}}";
    }
}
