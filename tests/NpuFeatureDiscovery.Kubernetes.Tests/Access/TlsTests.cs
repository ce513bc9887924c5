using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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
        Assert.That((client.Configuration.VerifiesServer, insecure.Configuration.VerifiesServer), Is.EqualTo((true, false)));
        Assert.That(await insecure.ServesAsync(KubernetesResource.Nodes, token), Is.True);
    }

    [TestCase(null, "2021-01-01", TestName = "A_server_whose_certificate_has_expired_gets_no_request")]
    [TestCase("client", null, TestName = "A_server_that_shows_a_client_s_certificate_gets_no_request")]
    public async Task A_server_with_a_wrong_certificate_gets_no_request(string? usage, string? end, CancellationToken token)
    {
        using var certificates = new ServerCertificates();
        using var certificate = usage is null
            ? certificates.SignServer(notAfter: DateTimeOffset.Parse(end!, System.Globalization.CultureInfo.InvariantCulture))
            : certificates.SignClient("somebody");
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var received = ReceiveAsync(server, certificate, token);
        using var client = new KubernetesClient(
            ConfigurationOf($"https://{server.LocalEndpoint}", certificates.AuthorityPem), TimeProvider.System)
        {
            Timeout = TimeSpan.FromSeconds(20),
        };

        await client.ServesAsync(KubernetesResource.Nodes, token).ExpectAsync(null, Does.Contain("Check the certificate authority"));
        Assert.That(await received, Is.Empty);
    }

    /// <summary>An answer in TLS 1.1, by hand: OpenSSL of today gives none.</summary>
    [Test]
    public async Task A_server_of_TLS_1_1_gets_no_request(CancellationToken token)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var certificates = new ServerCertificates();
        using var client = new KubernetesClient(
            ConfigurationOf($"https://{server.LocalEndpoint}", certificates.AuthorityPem), TimeProvider.System)
        {
            Timeout = TimeSpan.FromSeconds(20),
        };

        var call = client.ServesAsync(KubernetesResource.Nodes, token);
        using var connection = await server.AcceptTcpClientAsync(token);
        var stream = connection.GetStream();
        _ = await stream.ReadAsync(new byte[4096], token);
        byte[] hello = [3, 2, .. new byte[32], 0, 0xC0, 0x13, 0];
        await stream.WriteAsync((byte[])[22, 3, 2, 0, (byte)(hello.Length + 4), 2, 0, 0, (byte)hello.Length, .. hello], token);
        var alert = new byte[7];
        await stream.ReadExactlyAsync(alert, token);

        Assert.That((alert[0], alert[5], alert[6]), Is.EqualTo(((byte)21, (byte)2, (byte)70)), "fatal: protocol_version");
        connection.Close();
        server.Stop();
        await call.ExpectAsync(null, Is.Not.Empty);
    }

    [Test]
    public async Task A_server_without_TLS_gets_no_credentials(CancellationToken token)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var configuration = ConfigurationOf($"http://{server.LocalEndpoint}", null);
        using var client = new KubernetesClient(configuration, TimeProvider.System);

        var call = client.ServesAsync(KubernetesResource.Nodes, token);
        using var connection = await server.AcceptTcpClientAsync(token);
        using var reader = new StreamReader(connection.GetStream());
        var head = new List<string>();
        while (await reader.ReadLineAsync(token) is { Length: > 0 } line)
            head.Add(line);
        await connection.GetStream().WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), token);

        Assert.That(await call, Is.False);
        Assert.That(head, Has.None.Contains("secret").And.None.Contains("Authorization").IgnoreCase);
        Assert.That(configuration.VerifiesServer, Is.False);
    }

    private KubernetesConfiguration ConfigurationOf(string url, string? authority)
    {
        File.WriteAllText(_folder.At("ca.crt"), authority);
        File.WriteAllText(_folder.At("config"), $$$"""
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test}}]
            clusters: [{name: test, cluster: {server: "{{{url}}}"{{{(authority is null ? "" : ", certificate-authority: ca.crt")}}} }}]
            users: [{name: test, user: {token: secret}}]
            """);
        return KubernetesConfiguration.FromKubeconfig([_folder.At("config")]);
    }

    /// <summary>What a client sends once the handshake is done, from its side too.</summary>
    private static async Task<byte[]> ReceiveAsync(TcpListener server, X509Certificate2 certificate, CancellationToken token)
    {
        using var connection = await server.AcceptTcpClientAsync(token);
        await using var tls = new SslStream(connection.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, token);
            var buffer = new byte[4096];
            return buffer[..await tls.ReadAsync(buffer, token)];
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return [];
        }
    }
}
