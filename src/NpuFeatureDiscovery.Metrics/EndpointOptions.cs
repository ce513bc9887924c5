using NpuFeatureDiscovery.Metrics.Endpoint.Security;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>Where a program shows its metrics and health, and what of it.</summary>
public sealed class EndpointOptions
{
    /// <summary>The largest <see cref="MaxSeries"/>.</summary>
    public const int MostSeries = 10_000_000;

    /// <summary>Where to listen.</summary>
    /// <value>Must be set.</value>
    public EndpointAddress? Address { get; set; }

    /// <summary>The meters whose instruments are shown.</summary>
    /// <value>
    /// Names; one that ends in <c>*</c> stands for all that begin so. Default: <c>NpuFeatureDiscovery.*</c>, those of our
    /// libraries.
    /// </value>
    public IList<string> Meters { get; set; } = ["NpuFeatureDiscovery.*"];

    /// <summary>
    /// How long a scrape waits for an <see cref="IMetricSource"/>; the metrics of one that takes longer are left out.
    /// </summary>
    /// <value>
    /// More than zero, and less than the scrape's own limit, 10 s in Prometheus. Default: 2.5 s, so that a scrape ends within 3 s.
    /// </value>
    public TimeSpan CollectDeadline { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// How long a probe waits for a health check, unless the check has a shorter timeout of its own; one that takes longer has
    /// failed.
    /// </summary>
    /// <value>
    /// More than zero. A kubelet learns the reason only where its probe's <c>timeoutSeconds</c>, 1 s unless set, is longer.
    /// Default: 3 s.
    /// </value>
    public TimeSpan CheckDeadline { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How many series a scrape may have. A metric that does not fit is left out whole, and counted in
    /// <c>npu_feature_discovery_scrape_dropped_series_total</c>; those of the process, the build and the scrape itself always fit.
    /// </summary>
    /// <value>1 to <see cref="MostSeries"/>. Default: 50,000.</value>
    public int MaxSeries { get; set; } = 50_000;

    /// <summary>
    /// A PEM file with the server's certificate, followed by those that lead to its issuer. Like all files here it is read anew
    /// when it changes; while it cannot be used the last good one counts.
    /// </summary>
    /// <value>
    /// <see langword="null"/> (default): HTTP/1.1 without TLS. Otherwise TLS 1.2 and 1.3, with HTTP/1.1 and HTTP/2; then
    /// <see cref="TlsPrivateKeyFile"/> must be set as well.
    /// </value>
    public string? TlsCertificateFile { get; set; }

    /// <summary>A PEM file with the private key of <see cref="TlsCertificateFile"/>, not encrypted.</summary>
    /// <value>Default: <see langword="null"/>.</value>
    public string? TlsPrivateKeyFile { get; set; }

    /// <summary>
    /// A file with the token that a client of <c>/metrics</c> or of an <see cref="IEndpointDocument"/> must send
    /// (<c>Authorization: Bearer</c>); blanks and line feeds around it do not count. <c>/livez</c> and <c>/readyz</c> stay open, since a
    /// kubelet sends no credentials.
    /// </summary>
    /// <value>
    /// <see langword="null"/> (default): no token is asked for. Where <see cref="BasicAuthFile"/> is set as well, either suffices.
    /// </value>
    public string? BearerTokenFile { get; set; }

    /// <summary>
    /// A file with a line <c>USER:PASSWORD</c> for each user who may read <c>/metrics</c> and each <see cref="IEndpointDocument"/>, in
    /// UTF-8. <c>/livez</c> and <c>/readyz</c> stay open.
    /// </summary>
    /// <value>
    /// <see langword="null"/> (default): no password is asked for. Where <see cref="BearerTokenFile"/> is set as well, either
    /// suffices.
    /// </value>
    public string? BasicAuthFile { get; set; }

    /// <summary>Says in a sentence why a file cannot be <see cref="TlsCertificateFile"/>; <see langword="null"/> where it can.</summary>
    public static string? TlsCertificateError(string file) => Error(() => TlsCertificate.ReadChain(FileText.Read(file)));

    /// <summary>
    /// Says in a sentence why a file cannot be <see cref="TlsPrivateKeyFile"/> beside a certificate; <see langword="null"/> where it
    /// can, or where the certificate is at fault.
    /// </summary>
    public static string? TlsPrivateKeyError(string certificateFile, string file) => TlsCertificateError(certificateFile) is null
        ? Error(() => TlsCertificate.ReadKey(TlsCertificate.ReadChain(FileText.Read(certificateFile))[0], FileText.Read(file)))
        : null;

    /// <summary>Says in a sentence why a file cannot be <see cref="BearerTokenFile"/>; <see langword="null"/> where it can.</summary>
    public static string? BearerTokenError(string file) => Error(() => Credentials.OfToken(FileText.Read(file)));

    /// <summary>Says in a sentence why a file cannot be <see cref="BasicAuthFile"/>; <see langword="null"/> where it can.</summary>
    public static string? BasicAuthError(string file) => Error(() => Credentials.OfUsers(FileText.Read(file)));

    private static string? Error(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (EndpointFileException exception)
        {
            return exception.Reason;
        }
    }
}
