using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>The certificate by which the endpoint shows who it is, with the chain that leads to it.</summary>
internal sealed partial class TlsCertificate
{
    private readonly ReloadedFiles<SslStreamCertificateContext> _files;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    /// <param name="certificateFile">PEM: the server's certificate, then those that lead to it.</param>
    /// <param name="privateKeyFile">PEM: its key.</param>
    /// <param name="timeProvider">Tells whether it has expired.</param>
    /// <param name="logger">Told of changes.</param>
    public TlsCertificate(string certificateFile, string privateKeyFile, TimeProvider timeProvider, ILogger logger)
    {
        (_timeProvider, _logger) = (timeProvider, logger);
        _files = new ReloadedFiles<SslStreamCertificateContext>([certificateFile, privateKeyFile], Make, logger);
    }

    /// <summary>For the next handshake.</summary>
    /// <exception cref="EndpointFileException">The files have never been good.</exception>
    public SslServerAuthenticationOptions CreateOptions() => new()
    {
        ServerCertificateContext = _files.Value,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    };

    /// <summary>The certificates of a file, the server's own first.</summary>
    /// <exception cref="EndpointFileException">There are none.</exception>
    public static X509Certificate2Collection ReadChain(FileText file)
    {
        var text = file.Content;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException exception)
        {
            throw new EndpointFileException(file.Path, "a certificate in it cannot be read: give certificates in PEM form.", exception);
        }

        return certificates.Count > 0
            ? certificates
            : throw new EndpointFileException(file.Path, "no certificate is in it: give certificates in PEM form, the server's first.");
    }

    /// <summary>The server's certificate with its key.</summary>
    /// <exception cref="EndpointFileException">The file holds no key, or not that of the certificate.</exception>
    public static X509Certificate2 ReadKey(X509Certificate2 certificate, FileText file)
    {
        var label = FindKey(file.Content)
            ?? throw new EndpointFileException(file.Path, "no private key is in it: give one in PEM form.");
        if (label.StartsWith("ENCRYPTED", StringComparison.Ordinal))
            throw new EndpointFileException(file.Path, "its key is encrypted: give it without a passphrase.");

        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), file.Text);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            throw new EndpointFileException(
                file.Path, "its key cannot be read, or is not that of the first certificate: give the two that were made together.",
                exception);
        }
    }

    private SslStreamCertificateContext Make(IReadOnlyList<FileText> files)
    {
        var chain = ReadChain(files[0]);
        var certificate = ReadKey(chain[0], files[1]);
        chain.RemoveAt(0);
        WarnOfTime(files[0].Path, certificate);
        // Offline: a node need not reach whoever issued it.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private void WarnOfTime(string path, X509Certificate2 certificate)
    {
        var now = _timeProvider.GetUtcNow();
        if (now > certificate.NotAfter.ToUniversalTime())
            LogExpired(path, certificate.NotAfter.ToUniversalTime());
        else if (now < certificate.NotBefore.ToUniversalTime())
            LogNotYetValid(path, certificate.NotBefore.ToUniversalTime());
    }

    private static string? FindKey(ReadOnlySpan<char> text)
    {
        while (PemEncoding.TryFind(text, out var fields))
        {
            if (text[fields.Label].EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                return text[fields.Label].ToString();

            text = text[fields.Location.End..];
        }

        return null;
    }

    [LoggerMessage(
        1, LogLevel.Warning, "The certificate of '{Path}' has expired at {Time:u}: clients may refuse it. Renew it",
        EventName = "Expired")]
    private partial void LogExpired(string path, DateTime time);

    [LoggerMessage(
        2, LogLevel.Warning, "The certificate of '{Path}' is valid from {Time:u} on: clients may refuse it. Check the clock",
        EventName = "NotYetValid")]
    private partial void LogNotYetValid(string path, DateTime time);
}
