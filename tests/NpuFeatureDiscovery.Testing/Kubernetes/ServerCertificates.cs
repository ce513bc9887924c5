using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>A certificate authority of the test's own, and what it signs.</summary>
public sealed class ServerCertificates : IDisposable
{
    private static readonly DateTimeOffset NotBefore = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset NotAfter = new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _authority;

    public ServerCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(NotBefore, NotAfter);
    }

    /// <summary>The authority's certificate, without its key.</summary>
    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <summary>A certificate for a server at 127.0.0.1, or for the one of this name alone.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="notAfter">Until when it is valid.</param>
    public X509Certificate2 SignServer(string? name = null, DateTimeOffset? notAfter = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (name is null)
            names.AddIpAddress(IPAddress.Loopback);
        else
            names.AddDnsName(name);

        return Sign("CN=kube-apiserver", "1.3.6.1.5.5.7.3.1", notAfter ?? NotAfter, names.Build());
    }

    /// <summary>A certificate for a client, whose name is that of its account.</summary>
    public X509Certificate2 SignClient(string account) => Sign($"CN={account}", "1.3.6.1.5.5.7.3.2", NotAfter);

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Sign(string subject, string usage, DateTimeOffset notAfter, params ReadOnlySpan<X509Extension> extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        foreach (var extension in extensions)
            request.CertificateExtensions.Add(extension);

        using var certificate = request.Create(_authority, NotBefore, notAfter, Guid.NewGuid().ToByteArray());
        return certificate.CopyWithPrivateKey(key);
    }
}
