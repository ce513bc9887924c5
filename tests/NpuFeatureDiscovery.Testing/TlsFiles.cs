using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NpuFeatureDiscovery.Testing;

/// <summary>
/// A certificate and its key for 127.0.0.1 and localhost, as in a Secret's volume: files that are links through <c>..data</c>, which
/// leads to another folder after each <see cref="Renew"/>. The certificate's issuer stands in its file, the root does not.
/// </summary>
public sealed class TlsFiles : TemporaryFolder
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _issuer;
    private int _version;

    public TlsFiles()
    {
        _root = Authority("root", issuer: null);
        _issuer = Authority("issuer", _root);
        Renew();
        File.CreateSymbolicLink(CertificateFile, "..data/tls.crt");
        File.CreateSymbolicLink(PrivateKeyFile, "..data/tls.key");
    }

    public string CertificateFile => At("tls.crt");

    public string PrivateKeyFile => At("tls.key");

    /// <summary>Exchanges both files at once.</summary>
    /// <param name="start">From when on the certificate is valid.</param>
    /// <param name="end">Until when it is valid.</param>
    /// <returns>The certificate's serial number.</returns>
    public string Renew(DateTimeOffset? start = null, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=exporter", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_issuer, start ?? Start, end ?? End, RandomNumberGenerator.GetBytes(8));
        Replace($"{certificate.ExportCertificatePem()}\n{_issuer.ExportCertificatePem()}\n", key.ExportPkcs8PrivateKeyPem());
        return certificate.SerialNumber;
    }

    /// <summary>Exchanges both files at once for any others.</summary>
    public void Replace(string certificate, string key)
    {
        var folder = $"..{++_version}";
        Directory.CreateDirectory(At(folder));
        File.WriteAllText(At($"{folder}/tls.crt"), certificate);
        File.WriteAllText(At($"{folder}/tls.key"), key);
        File.Delete(At("..data"));
        File.CreateSymbolicLink(At("..data"), folder);
    }

    /// <summary>A client that trusts the root alone, and makes a connection for each request.</summary>
    public SocketsHttpHandler CreateClient() => new()
    {
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { _root },
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
        },
    };

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        if (issuer is null)
            return request.CreateSelfSigned(Start, End);

        using var certificate = request.Create(issuer, Start, End, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
