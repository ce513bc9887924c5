using System.Security.Cryptography.X509Certificates;
using NpuFeatureDiscovery.Metrics.Endpoint.Security;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint.Security;

public sealed class TlsFuzzTests : IDisposable
{
    private readonly TlsFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Test]
    public void Whatever_the_certificate_and_its_key_hold_they_are_taken_or_refused_by_the_file_s_name()
    {
        var (certificates, key) = (File.ReadAllBytes(_files.CertificateFile), File.ReadAllBytes(_files.PrivateKeyFile));
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(_files.CertificateFile));
        var target = new FuzzTarget("pem")
        {
            Samples = [certificates, key, [.. key, .. certificates]],
            Words =
            [
                "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "-----BEGIN ", "MII",
            ],
            MaxSize = FileText.MaxBytes,
            Rounds = 100,
        };

        Fuzz.Check(target, input =>
        {
            var file = new FileText("tls.pem", System.Text.Encoding.UTF8.GetString(input));
            Refusable(() =>
            {
                foreach (var found in TlsCertificate.ReadChain(file))
                    found.Dispose();
            });
            Refusable(() => TlsCertificate.ReadKey(certificate, file).Dispose());
        });
    }

    private static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (EndpointFileException exception)
        {
            Fuzz.Require(exception.Message.Contains("tls.pem", StringComparison.Ordinal), exception.Message);
        }
    }
}
