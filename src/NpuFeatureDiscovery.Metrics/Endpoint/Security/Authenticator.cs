using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>Tells who may read the metrics: whoever knows the token or a password, or everybody where there is neither.</summary>
internal sealed class Authenticator
{
    private readonly (string Scheme, string Challenge, ReloadedFiles<Credentials> Credentials)[] _schemes;

    public Authenticator(EndpointOptions options, ILogger<Authenticator> logger) => _schemes =
    [
        .. Scheme("Bearer", "", options.BearerTokenFile, Credentials.OfToken, logger),
        .. Scheme("Basic", ", charset=\"UTF-8\"", options.BasicAuthFile, Credentials.OfUsers, logger),
    ];

    /// <summary>Whether anything is asked for.</summary>
    public bool IsOn => _schemes.Length > 0;

    /// <summary>The header <c>WWW-Authenticate</c>: RFC 9110, 11.6.1.</summary>
    public StringValues Challenges => _schemes.Select(scheme => scheme.Challenge).ToArray();

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="EndpointFileException">One cannot be used.</exception>
    public void Load()
    {
        foreach (var (_, _, credentials) in _schemes)
            _ = credentials.Value;
    }

    public bool Allows(IHeaderDictionary headers)
    {
        if (!IsOn)
            return true;
        if (headers.Authorization is not [{ } text] || !AuthenticationHeaderValue.TryParse(text, out var sent)
            || sent.Parameter is null)
            return false;

        var scheme = Array.Find(_schemes, scheme => scheme.Scheme.Equals(sent.Scheme, StringComparison.OrdinalIgnoreCase));
        return scheme.Scheme switch
        {
            "Bearer" => scheme.Credentials.Value.Contain(Encoding.UTF8.GetBytes(sent.Parameter)),
            "Basic" => FromBase64(sent.Parameter) is { } user && scheme.Credentials.Value.Contain(user),
            _ => false,
        };
    }

    private static IEnumerable<(string, string, ReloadedFiles<Credentials>)> Scheme(
        string scheme, string parameters, string? file, Func<FileText, Credentials> read, ILogger logger)
    {
        if (file is not null)
        {
            yield return (
                scheme, $"{scheme} realm=\"npu-feature-discovery\"{parameters}",
                new ReloadedFiles<Credentials>([file], files => read(files[0]), logger));
        }
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }
}
