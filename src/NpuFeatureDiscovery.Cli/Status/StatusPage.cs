using System.Security.Cryptography;
using System.Text;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>The status of the node for people: a page that is always the same, and whose script draws what /status.json says.</summary>
/// <remarks>
/// By script alone, and not on the server too: what the node says becomes text of the document in one place and can never be read as HTML,
/// the page has a fixed hash for its policy, and what a person reads stays selected while the numbers change.
/// </remarks>
internal sealed class StatusPage : IEndpointDocument
{
    private readonly Lazy<Page> _page = new(Load);

    public string Path => "/";

    public string ContentType => "text/html; charset=utf-8";

    public string ContentSecurityPolicy => _page.Value.Policy;

    public ValueTask<ReadOnlyMemory<byte>> CreateAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_page.Value.Html);

    private static Page Load()
    {
        using var resource = typeof(StatusPage).Assembly.GetManifestResourceStream("status.html")!;
        using var reader = new StreamReader(resource);
        var html = reader.ReadToEnd();
        return new Page(
            Encoding.UTF8.GetBytes(html),
            $"default-src 'none'; style-src {Hash(html, "style")}; script-src {Hash(html, "script")}; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    /// <summary>What the policy calls the one element of this name: https://www.w3.org/TR/CSP3/#grammardef-hash-source.</summary>
    private static string Hash(string html, string element)
    {
        var start = html.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        var end = html.IndexOf($"</{element}>", start, StringComparison.Ordinal);
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(html[start..end])))}'";
    }

    private sealed record Page(ReadOnlyMemory<byte> Html, string Policy);
}
