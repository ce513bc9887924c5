using System.CommandLine;
using System.Globalization;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of a command's endpoint: who may read it, by which protocol, and how much of it.</summary>
internal sealed class EndpointCommandOptions
{
    private readonly Option<string?> _tlsCertificate = CreateFile(
        "--tls-cert-file", "Serve by TLS: a PEM file of the certificate and those that lead to its issuer; read anew on change.");

    private readonly Option<string?> _tlsPrivateKey = CreateFile("--tls-private-key-file", "A PEM file of the certificate's key.");

    private readonly Option<string?> _bearerToken = CreateFile(
        "--bearer-token-file", "Show /metrics only to those who send the token in this file; read anew on change.");

    private readonly Option<string?> _basicAuth = CreateFile(
        "--basic-auth-file", "Show /metrics only to the users in this file, a line USER:PASSWORD each; read anew on change.");

    private readonly Option<int> _maxSeries = OptionFactory.Create<int>(
        "--max-series", "N", "How many series a scrape may have; a metric that does not fit is left out and counted.",
        new EndpointOptions().MaxSeries, TryParseSeries);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_tlsCertificate, _tlsPrivateKey, _bearerToken, _basicAuth, _maxSeries])
            command.Options.Add(option);
    }

    public void Apply(ParseResult parsed, EndpointOptions endpoint)
    {
        endpoint.TlsCertificateFile = parsed.GetValue(_tlsCertificate);
        endpoint.TlsPrivateKeyFile = parsed.GetValue(_tlsPrivateKey);
        endpoint.BearerTokenFile = parsed.GetValue(_bearerToken);
        endpoint.BasicAuthFile = parsed.GetValue(_basicAuth);
        endpoint.MaxSeries = parsed.GetRequiredValue(_maxSeries);
    }

    /// <summary>What is wrong with options that are each right by themselves, or with the files that they name.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed)
    {
        var (certificate, key) = (parsed.GetValue(_tlsCertificate), parsed.GetValue(_tlsPrivateKey));
        if ((certificate is null) != (key is null))
        {
            var (given, missing) = certificate is null ? (_tlsPrivateKey, _tlsCertificate) : (_tlsCertificate, _tlsPrivateKey);
            yield return $"Option '{given.Name}' does not go without '{missing.Name}': give both.";
        }

        (Option Option, string? File, string? Error)[] files =
        [
            (_tlsCertificate, certificate, certificate is null ? null : EndpointOptions.TlsCertificateError(certificate)),
            (_tlsPrivateKey, key,
                certificate is null || key is null ? null : EndpointOptions.TlsPrivateKeyError(certificate, key)),
            Checked(_bearerToken, EndpointOptions.BearerTokenError),
            Checked(_basicAuth, EndpointOptions.BasicAuthError),
        ];
        foreach (var (option, file, error) in files)
        {
            if (error is not null)
                yield return $"Option '{option.Name}' does not take '{file}': {error}";
        }

        (Option, string?, string?) Checked(Option<string?> option, Func<string, string?> errorOf) =>
            parsed.GetValue(option) is { } file ? (option, file, errorOf(file)) : (option, null, null);
    }

    private static Option<string?> CreateFile(string name, string description) =>
        OptionFactory.Create<string?>(name, "FILE", description, null, TryParseFile);

    private static bool TryParseFile(string text, out string? value, out string reason)
    {
        value = text;
        reason = "allowed is a file's path.";
        return text.Length > 0;
    }

    private static bool TryParseSeries(string text, out int value, out string reason)
    {
        reason = $"allowed are 1 to {EndpointOptions.MostSeries}.";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value is >= 1 and <= EndpointOptions.MostSeries;
    }
}
