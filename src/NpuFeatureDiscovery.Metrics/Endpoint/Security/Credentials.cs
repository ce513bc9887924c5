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
        var token = file.Content.Trim();
        if (token.Length == 0)
            throw new EndpointFileException(file.Path, "it is empty: write the token into it.");

        return !token.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new Credentials([token])
            : throw new EndpointFileException(
                file.Path, "its token has blanks, several lines or letters beyond ASCII, which no client can send.");
    }

    /// <summary>The users of a file.</summary>
    /// <exception cref="EndpointFileException">There is none, or a line cannot be understood; it is told by its number alone.</exception>
    public static Credentials OfUsers(FileText file)
    {
        var users = new List<string>();
        var number = 0;
        foreach (var line in file.Content.Split('\n'))
        {
            number++;
            var user = line.TrimEnd('\r');
            if (user.Length == 0)
                continue;

            var colon = user.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon == user.Length - 1)
                throw new EndpointFileException(file.Path, $"line {number} is not of the form USER:PASSWORD.");

            users.Add(user);
        }

        return users.Count > 0
            ? new Credentials(users)
            : throw new EndpointFileException(file.Path, "it is empty: write a line USER:PASSWORD for each user into it.");
    }
}
