using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Labels;

/// <summary>A Kubernetes label. One that breaks the rules of Kubernetes cannot be made.</summary>
/// <remarks>
/// The rules: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set.
/// </remarks>
public sealed partial record Label
{
    /// <summary>The longest name and the longest value.</summary>
    internal const int MaxLength = 63;

    private const int MaxPrefixLength = 253;

    private Label(string key, string value) => (Key, Value) = (key, value);

    /// <summary>An optional prefix and a name: <c>beta.furiosa.ai/npu.count</c>.</summary>
    public string Key { get; }

    /// <summary>Up to 63 characters; may be empty.</summary>
    public string Value { get; }

    /// <summary>Makes a label.</summary>
    /// <exception cref="FormatException">Key or value break a rule; the message names the text and the rule.</exception>
    public static Label Create(string key, string value) =>
        TryCreate(key, value, out var label, out var error) ? label : throw new FormatException(error);

    /// <summary>Makes a label, or says which text breaks which rule.</summary>
    public static bool TryCreate(
        string key, string value, [NotNullWhen(true)] out Label? label, [NotNullWhen(false)] out string? error)
    {
        error = KeyError(key) ?? ValueError(value);
        label = error is null ? new Label(key, value) : null;
        return label is not null;
    }

    /// <summary>Reads <c>key=value</c>, or says which text breaks which rule.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out Label? label, [NotNullWhen(false)] out string? error)
    {
        if (text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            return TryCreate(text[..equals], text[(equals + 1)..], out label, out error);

        label = null;
        error = $"'{text}' is not a label: one is written key=value.";
        return false;
    }

    /// <summary><c>key=value</c>, as in a feature file.</summary>
    public override string ToString() => $"{Key}={Value}";

    private static string? KeyError(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && (slash > MaxPrefixLength || !Subdomain().IsMatch(key.AsSpan(0, slash))))
            return $"Label key '{key}' has an invalid prefix: allowed is a DNS subdomain of at most {MaxPrefixLength} "
                + "characters, lower-case letters, digits, '-' and '.', such as 'example.com'.";

        return IsNameOrValue(key.AsSpan(slash + 1))
            ? null
            : $"Label key '{key}' has an invalid name: allowed are 1 to {MaxLength} letters, digits, '-', '_' and '.', "
                + "with a letter or digit at both ends.";
    }

    private static string? ValueError(string value) => value.Length == 0 || IsNameOrValue(value)
        ? null
        : $"Label value '{value}' is invalid: allowed are up to {MaxLength} letters, digits, '-', '_' and '.', "
            + "with a letter or digit at both ends.";

    private static bool IsNameOrValue(ReadOnlySpan<char> text) => text.Length <= MaxLength && NameOrValue().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameOrValue();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
