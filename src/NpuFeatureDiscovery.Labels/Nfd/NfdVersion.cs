using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>A minor version of Node Feature Discovery, as far as it decides what becomes of a feature file.</summary>
public sealed partial record NfdVersion
{
    private const int OldestMinor = 8;
    private const int NewestMinor = 19;

    private NfdVersion(int minor) => Minor = minor;

    /// <summary>The versions that are known, from 0.8 to 0.19.</summary>
    public static EquatableArray<NfdVersion> Known { get; } =
        [.. Enumerable.Range(OldestMinor, NewestMinor - OldestMinor + 1).Select(minor => new NfdVersion(minor))];

    /// <summary>The newest one that is known, 0.19.</summary>
    public static NfdVersion Newest => Known[^1];

    /// <summary>The number behind <c>0.</c>.</summary>
    public int Minor { get; }

    /// <summary>
    /// The versions that read a feature file alike: <c>0.8</c>, <c>0.9</c>, <c>0.10 to 0.13</c>, <c>0.14</c>, <c>0.15 to 0.18</c> or
    /// <c>0.19</c>. Of 0.10 to 0.13, the last allows other namespaces than the others.
    /// </summary>
    public string Profile => Minor switch
    {
        >= 10 and <= 13 => "0.10 to 0.13",
        >= 15 and <= 18 => "0.15 to 0.18",
        _ => ToString(),
    };

    /// <summary>Whether a key without <c>/</c> gets the file's name in front.</summary>
    internal bool PrefixesFileName => Minor < 10;

    /// <summary>Whether blanks and a CR at the ends of a line are taken off.</summary>
    internal bool TrimsLines => Minor >= 14;

    /// <summary>Whether <c>#</c> begins a comment, and <c># +expiry-time=</c> is obeyed.</summary>
    internal bool KnowsComments => Minor >= 14;

    /// <summary>Whether <c># +no-label</c> and <c># +no-feature</c> are obeyed.</summary>
    internal bool KnowsRawFeatures => Minor >= 15;

    /// <summary>In bytes; a larger file is refused whole.</summary>
    internal long MaxFileSize => Minor >= 14 ? 64 * 1024 : long.MaxValue;

    /// <summary>Whether the size of a link counts, not that of the file behind it.</summary>
    internal bool MeasuresLinks => Minor == 14;

    /// <summary>Whether a file whose name begins with a dot is left out.</summary>
    internal bool SkipsDotFiles => Minor >= 15;

    /// <summary>Whether sub-namespaces of <c>feature.node.kubernetes.io</c> are allowed.</summary>
    internal bool AllowsSubNamespaces => Minor >= 9;

    /// <summary>Whether <c>profile.node.kubernetes.io</c> is allowed.</summary>
    internal bool AllowsProfileNamespace => Minor >= 10;

    /// <summary>Whether all namespaces are allowed but those that are denied.</summary>
    internal bool AllowsByDefault => Minor >= 13;

    /// <summary>Whether the namespaces of NFD itself can be denied too, and the default namespace be switched off.</summary>
    internal bool MayDenyOwnNamespaces => Minor >= 15;

    /// <summary>Reads a version: <c>0.18</c>, <c>v0.18.3</c>, or an image's tag such as <c>v0.18.3-minimal</c>.</summary>
    /// <exception cref="FormatException">It is none, or is not known; the message names those that are.</exception>
    public static NfdVersion Parse(string text) =>
        TryParse(text, out var version, out var error) ? version : throw new FormatException(error);

    /// <summary>Reads a version, or says which are known.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out NfdVersion? version, [NotNullWhen(false)] out string? error)
    {
        version = VersionText().Match(text) is { Success: true } match
            && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? Known.FirstOrDefault(known => known.Minor == minor)
            : null;
        error = version is null
            ? $"NFD version '{text}' is unknown: known are {Known[0]} to {Newest}, such as '0.18' or 'v0.18.3'. For a later one "
                + $"choose {Newest}."
            : null;
        return version is not null;
    }

    /// <summary><c>0.18</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0.{Minor}");

    [GeneratedRegex(@"\Av?0\.([0-9]{1,4})(\.[0-9]+)?([-+][A-Za-z][-+.A-Za-z0-9]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionText();
}
