using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Metrics;

internal sealed class EndpointOptionsValidator : IValidateOptions<EndpointOptions>
{
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, EndpointOptions options)
    {
        var failures = new List<string>();
        if (options.Address is null)
            failures.Add($"{nameof(EndpointOptions.Address)} is not set: give one, such as ':8080' or '127.0.0.1:8080'.");

        Check(nameof(EndpointOptions.CollectDeadline), options.CollectDeadline);
        Check(nameof(EndpointOptions.CheckDeadline), options.CheckDeadline);
        if (options.MaxSeries is < 1 or > EndpointOptions.MostSeries)
        {
            failures.Add(
                $"{nameof(EndpointOptions.MaxSeries)} is '{options.MaxSeries}': allowed are 1 to {EndpointOptions.MostSeries}.");
        }

        CheckFiles(options, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string option, TimeSpan deadline)
        {
            if (deadline <= TimeSpan.Zero || deadline > LongestDeadline)
                failures.Add($"{option} is '{deadline}': allowed is more than zero and at most {LongestDeadline}.");
        }
    }

    private static void CheckFiles(EndpointOptions options, List<string> failures)
    {
        var (certificate, key) = (options.TlsCertificateFile, options.TlsPrivateKeyFile);
        if ((certificate is null) != (key is null))
        {
            failures.Add(
                $"{nameof(EndpointOptions.TlsCertificateFile)} and {nameof(EndpointOptions.TlsPrivateKeyFile)} go together: set both.");
        }
        else if (certificate is not null)
        {
            Check(nameof(EndpointOptions.TlsCertificateFile), certificate, EndpointOptions.TlsCertificateError(certificate));
            Check(nameof(EndpointOptions.TlsPrivateKeyFile), key!, EndpointOptions.TlsPrivateKeyError(certificate, key!));
        }

        if (options.BearerTokenFile is { } token)
            Check(nameof(EndpointOptions.BearerTokenFile), token, EndpointOptions.BearerTokenError(token));
        if (options.BasicAuthFile is { } users)
            Check(nameof(EndpointOptions.BasicAuthFile), users, EndpointOptions.BasicAuthError(users));

        void Check(string option, string file, string? error)
        {
            if (error is not null)
                failures.Add($"{option} is '{file}': {error}");
        }
    }
}
