using System.Security.Cryptography;
using System.Text;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>
/// Texts of which a client must know one. Only their digests are kept, and comparing takes the same time whatever a client sends.
/// </summary>
internal sealed class Credentials(IEnumerable<string> texts)
{
    private readonly byte[][] _digests = [.. texts.Select(text => SHA256.HashData(Encoding.UTF8.GetBytes(text)))];

    public bool Contain(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        var isFound = false;
        foreach (var known in _digests)
            isFound |= CryptographicOperations.FixedTimeEquals(digest, known);

        return isFound;
    }

    /// <summary>The token of a file.</summary>
    /// <exception cref="EndpointFileException">There is none, or it cannot stand in a header.</exception>
    public static Credentials OfToken(FileText file)
    {
        var token = TextOf(file).Trim();
        if (token.Length == 0)
            throw new EndpointFileException(file.Path, "it is empty: write the token into it.");

        return token.All(character => character is > ' ' and <= '~')
            ? new Credentials([token])
            : throw new EndpointFileException(
                file.Path, "its token has blanks, several lines or letters beyond ASCII, which no client can send.");
    }

    /// <summary>The users of a file.</summary>
    /// <exception cref="EndpointFileException">There is none, or a line cannot be understood; it is told by its number alone.</exception>
    public static Credentials OfUsers(FileText file)
    {
        var lines = TextOf(file).Split('\n').Select((text, index) => (Text: text.TrimEnd('\r'), Number: index + 1))
            .Where(line => line.Text.Length > 0).ToArray();
        if (lines.Length == 0)
            throw new EndpointFileException(file.Path, "it is empty: write a line USER:PASSWORD for each user into it.");

        foreach (var (text, number) in lines)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon == text.Length - 1)
                throw new EndpointFileException(file.Path, $"line {number} is not of the form USER:PASSWORD.");
        }

        return new Credentials(lines.Select(line => line.Text));
    }

    private static string TextOf(FileText file) =>
        file.Failure is null ? file.Text : throw new EndpointFileException(file.Path, file.Failure);
}
