using System.Buffers;

namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>
/// The name of an extended resource, by the rule of the kubelet: <c>IsExtendedResourceName</c> of its API helpers, which asks that
/// <c>requests.</c> before the name still makes a qualified name, for quotas.
/// </summary>
internal static class ResourceName
{
    private const string QuotaPrefix = "requests.";
    private const int MaxPrefixLength = 253;
    private const int MaxNameLength = 63;

    private static readonly SearchValues<char> DomainCharacters = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What keeps a text from being one; null where it is one.</summary>
    public static string? Error(string text)
    {
        const string form = "; one looks like 'beta.furiosa.ai/npu'.";
        var parts = text.Split('/');
        if (parts.Length != 2)
            return "it needs one '/' between a domain and a name" + form;

        var (prefix, name) = (parts[0], parts[1]);
        if (text.Contains("kubernetes.io/", StringComparison.Ordinal))
            return "domains that end with kubernetes.io are Kubernetes' own" + form;
        if (text.StartsWith(QuotaPrefix, StringComparison.Ordinal))
            return $"'{QuotaPrefix}' at the beginning is for quotas" + form;
        if (QuotaPrefix.Length + prefix.Length > MaxPrefixLength || !prefix.Split('.').All(IsDomainPart))
            return $"'{prefix}' is no domain name: lower-case letters, digits and '-', in parts that '.' separates, "
                + $"at most {MaxPrefixLength - QuotaPrefix.Length} characters" + form;

        return IsName(name)
            ? null
            : $"'{name}' is no name: 1 to {MaxNameLength} letters, digits, '-', '_' and '.', with a letter or digit at both ends" + form;
    }

    private static bool IsDomainPart(string part) =>
        part.Length > 0
        && !part.AsSpan().ContainsAnyExcept(DomainCharacters)
        && part[0] != '-' && part[^1] != '-';

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength
        && !name.AsSpan().ContainsAnyExcept(NameCharacters)
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);
}
