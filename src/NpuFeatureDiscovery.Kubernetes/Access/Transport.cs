using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>Makes the HTTP client for an API server.</summary>
internal static class Transport
{
    /// <summary>No answer needs more: etcd holds objects of up to 1.5 MiB.</summary>
    private const int LongestAnswer = 16 * 1024 * 1024;

    public static HttpClient Create(KubernetesConfiguration configuration, Credential credential)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = TlsOf(configuration, credential),
            // None is kept between requests that are minutes apart.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ActivityHeadersPropagator = null,
        };
        if (configuration.Proxy is { } proxy)
            handler.Proxy = new WebProxy(proxy);
        else
            handler.UseProxy = !configuration.Server.IsLoopback;

        var version = typeof(Transport).Assembly.GetName().Version;
        var client = new HttpClient(handler)
        {
            // By HTTP/1.1 a connection that died in silence goes with the request that it failed. By HTTP/2 the next would wait for it
            // as well, unless pings found it out, whose timer wakes the process once a second for ever.
            DefaultRequestVersion = HttpVersion.Version11,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LongestAnswer,
        };
        // Its name must not be that of a field manager: Kubernetes 1.20 then keeps the fields that an apply leaves out.
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"NpuFeatureDiscovery.Kubernetes/{version}");
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        // The handler takes from it whom to expect in the server's certificate.
        client.DefaultRequestHeaders.Host = configuration.TlsServerName;
        return client;
    }

    private static SslClientAuthenticationOptions TlsOf(KubernetesConfiguration configuration, Credential credential)
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => credential.Certificate!,
        };
        if (configuration.IsInsecure)
        {
#pragma warning disable CA5359 // What insecure-skip-tls-verify asks for.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}
