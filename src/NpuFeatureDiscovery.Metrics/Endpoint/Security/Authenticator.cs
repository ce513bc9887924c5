using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>Tells who may read the metrics: whoever knows the token or a password, or everybody where there is neither.</summary>
internal sealed class Authenticator
{
    private readonly Scheme[] _schemes;

    public Authenticator(EndpointOptions options, ILogger<Authenticator> logger) => _schemes =
    [
        .. Schemes("Bearer", "", options.BearerTokenFile, Credentials.OfToken, logger),
        .. Schemes("Basic", ", charset=\"UTF-8\"", options.BasicAuthFile, Credentials.OfUsers, logger),
    ];

    /// <summary>Whether anything is asked for.</summary>
    public bool IsOn => _schemes.Length > 0;

    /// <summary>The header <c>WWW-Authenticate</c>: RFC 9110, 11.6.1.</summary>
    public StringValues Challenges => _schemes.Select(scheme => scheme.Challenge).ToArray();

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="EndpointFileException">One cannot be used.</exception>
    public void Load()
    {
        foreach (var scheme in _schemes)
            _ = scheme.Credentials.Value;
    }

    public bool Allows(IHeaderDictionary headers)
    {
        if (!IsOn)
            return true;
        if (headers.Authorization is not [{ } text] || !AuthenticationHeaderValue.TryParse(text, out var sent)
            || sent.Parameter is null)
            return false;

        var scheme = Array.Find(_schemes, scheme => scheme.Name.Equals(sent.Scheme, StringComparison.OrdinalIgnoreCase));
        return scheme?.Name switch
        {
            "Bearer" => scheme!.Credentials.Value.Contain(Encoding.UTF8.GetBytes(sent.Parameter)),
            "Basic" => FromBase64(sent.Parameter) is { } user && scheme!.Credentials.Value.Contain(user),
            _ => false,
        };
    }

    private static IEnumerable<Scheme> Schemes(
        string name, string parameters, string? file, Func<FileText, Credentials> read, ILogger logger)
    {
        if (file is not null)
        {
            yield return new Scheme(
                name, $"{name} realm=\"npu-feature-discovery\"{parameters}",
                new ReloadedFiles<Credentials>([file], files => read(files[0]), logger));
        }
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }

    private sealed record Scheme(string Name, string Challenge, ReloadedFiles<Credentials> Credentials);
}
