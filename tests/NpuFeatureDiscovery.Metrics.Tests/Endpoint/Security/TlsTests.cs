using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint.Security;

[CancelAfter(60_000)]
public sealed class TlsTests : IDisposable
{
    private readonly TlsFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Test]
    public async Task A_client_that_knows_only_the_root_trusts_the_chain(CancellationToken token)
    {
        using var endpoint = await StartAsync(token);

        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
        Assert.That((await endpoint.GetAsync("/metrics", token)).Text, Does.Contain("npu_feature_discovery_build_info{"));
    }

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task HTTP_1_and_2_are_served(string version, CancellationToken token)
    {
        using var endpoint = await StartAsync(token);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics")
        {
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await endpoint.Client.SendAsync(request, token);

        Assert.That((response.StatusCode, response.Version), Is.EqualTo((HttpStatusCode.OK, new Version(version))));
    }

    [TestCase(SslProtocols.Tls12)]
    [TestCase(SslProtocols.Tls13)]
    public async Task TLS_of_today_is_spoken(SslProtocols protocol, CancellationToken token)
    {
        using var endpoint = await StartAsync(token);

        Assert.That((await HandshakeAsync(endpoint, protocol, token)).Protocol, Is.EqualTo(protocol));
    }

    /// <summary>A greeting of TLS 1.1, by hand: OpenSSL of today sends none.</summary>
    [TestCase((byte)1, TestName = "TLS_1_0_is_refused")]
    [TestCase((byte)2, TestName = "TLS_1_1_is_refused")]
    public async Task TLS_of_yesterday_is_refused(byte version, CancellationToken token)
    {
        using var endpoint = await StartAsync(token);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, endpoint.Address.Port, token);
        var stream = client.GetStream();
        byte[] hello = [3, version, .. new byte[32], 0, 0, 4, 0xC0, 0x09, 0xC0, 0x13, 1, 0];

        await stream.WriteAsync((byte[])[22, 3, 1, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello], token);
        var alert = new byte[7];
        await stream.ReadExactlyAsync(alert, token);

        Assert.That((alert[0], alert[5], alert[6]), Is.EqualTo(((byte)21, (byte)2, (byte)70)), "fatal: protocol_version");
    }

    [Test]
    public async Task A_client_without_TLS_gets_nothing(CancellationToken token)
    {
        using var endpoint = await StartAsync(token);
        using var client = new HttpClient();

        await Assert.ThatAsync(
            () => client.GetStringAsync($"http://{endpoint.Address}/metrics", token), Throws.TypeOf<HttpRequestException>());
        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
    }

    [Test]
    public async Task A_client_that_never_ends_its_handshake_is_dropped(CancellationToken token)
    {
        using var endpoint = await StartAsync(token);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, endpoint.Address.Port, token);

        Assert.That(await client.GetStream().ReadAsync(new byte[1], token), Is.Zero);
    }

    [Test]
    public async Task A_renewed_certificate_is_shown_from_the_next_connection_on(CancellationToken token)
    {
        using var endpoint = await StartAsync(token);
        var before = (await HandshakeAsync(endpoint, SslProtocols.None, token)).Serial;

        var renewed = _files.Renew();

        var after = (await HandshakeAsync(endpoint, SslProtocols.None, token)).Serial;
        await endpoint.GetAsync("/livez", token);
        Assert.That(after, Is.EqualTo(renewed).And.Not.EqualTo(before));
        Assert.That(endpoint.Log.Messages().Where(message => message.StartsWith("Changed")),
            Is.EqualTo((string[])[$"Changed and in use from now on: {_files.CertificateFile}, {_files.PrivateKeyFile}"]));
    }

    [Test]
    public async Task While_the_files_are_bad_the_last_good_certificate_is_shown(CancellationToken token)
    {
        using var endpoint = await StartAsync(token);
        var good = (await HandshakeAsync(endpoint, SslProtocols.None, token)).Serial;

        _files.Replace("nonsense", "nonsense");
        var first = (await HandshakeAsync(endpoint, SslProtocols.None, token)).Serial;
        File.Delete(_files.CertificateFile);
        var second = (await HandshakeAsync(endpoint, SslProtocols.None, token)).Serial;
        File.CreateSymbolicLink(_files.CertificateFile, "..data/tls.crt");
        var renewed = _files.Renew();
        var third = (await HandshakeAsync(endpoint, SslProtocols.None, token)).Serial;

        Assert.That((first, second, third), Is.EqualTo((good, good, renewed)));
        Assert.That(endpoint.Log.Messages(LogLevel.Error), Is.EqualTo((string[])
        [
            $"File '{_files.CertificateFile}' cannot be used: no certificate is in it: give certificates in PEM form, the server's "
                + "first. What was read before stays in use",
        ]));
    }

    [Test]
    public async Task A_certificate_of_another_time_is_shown_with_a_warning(CancellationToken token)
    {
        _files.Renew(end: new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var endpoint = await StartAsync(token);
        _files.Renew(start: new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await HandshakeAsync(endpoint, SslProtocols.None, token);

        Assert.That(endpoint.Log.Messages(LogLevel.Warning), Is.EqualTo((string[])
        [
            $"The certificate of '{_files.CertificateFile}' has expired at 2025-01-01 00:00:00Z: clients may refuse it. Renew it",
            $"The certificate of '{_files.CertificateFile}' is valid from 2090-01-01 00:00:00Z on: clients may refuse it. Check the clock",
        ]));
    }

    private Task<EndpointHost> StartAsync(CancellationToken token) => EndpointHost.StartAsync(
        token,
        options: options => (options.TlsCertificateFile, options.TlsPrivateKeyFile) = (_files.CertificateFile, _files.PrivateKeyFile),
        tls: _files.CreateClient());

    private static async Task<(string Serial, SslProtocols Protocol)> HandshakeAsync(
        EndpointHost endpoint, SslProtocols protocol, CancellationToken token)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, endpoint.Address.Port, token);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocol }, token);
        return (new X509Certificate2(tls.RemoteCertificate!).SerialNumber, tls.SslProtocol);
    }
}
