using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Devices;

/// <summary>The version of a driver or a firmware.</summary>
/// <remarks>
/// Every generation writes it a little differently, and all are read: <c>1.9.2, 3def9c2</c>; <c>v1.1.0, 12180b0</c>;
/// <c>1.10.0(rc1), 3def9c2</c>; <c>1.10.0-rc1, 3def9c2</c>; <c>2025.1.0+696efad</c>; <c>1.9.2</c>.
/// </remarks>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second number.</param>
/// <param name="Patch">The third number.</param>
/// <param name="Prerelease">The name of a version before the release, such as <c>rc1</c>.</param>
/// <param name="Reference">The commit that was built, such as <c>3def9c2</c>.</param>
public sealed partial record NpuVersion(
    int Major, int Minor, int Patch, string? Prerelease = null, string? Reference = null)
{
    /// <summary>Reads any of the known forms; a text that has not three numbers is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NpuVersion? version)
    {
        version = null;
        var match = Form().Match(text);
        if (!match.Success || !TryNumber(match.Groups["major"], out var major)
            || !TryNumber(match.Groups["minor"], out var minor) || !TryNumber(match.Groups["patch"], out var patch))
            return false;

        version = new NpuVersion(major, minor, patch, Text(match.Groups["prerelease"]), Text(match.Groups["reference"]));
        return true;
    }

    /// <summary>The version without its reference: <c>1.9.2</c>, <c>1.10.0-rc1</c>.</summary>
    public override string ToString() => Prerelease is null ? $"{Major}.{Minor}.{Patch}" : $"{Major}.{Minor}.{Patch}-{Prerelease}";

    [GeneratedRegex(
        """
        ^ \s* [vV]? (?<major>[0-9]+) \. (?<minor>[0-9]+) \. (?<patch>[0-9]+)
        ( \s* \( (?<prerelease>[^()]*) \) | - (?<prerelease>[^\s,+]+) )?
        ( \s* [,+] (?<reference>.*) )? \s* \z
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    private static bool TryNumber(Group group, out int value) =>
        int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string? Text(Group group) => group.Value.Trim() is { Length: > 0 } text ? text : null;
}
