namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>
/// The names of the Container Device Interface: <c>vendor.com/class=device</c>, where <c>vendor.com/class</c> is the kind. Runtimes
/// refuse a specification whole for one name that breaks the rules.
/// </summary>
/// <remarks>
/// https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md#kind, and the rules of its parser, which are narrower.
/// </remarks>
internal static class CdiName
{
    private const int MaxVendorLength = 253;
    private const int MaxClassLength = 63;

    /// <summary>How a device is asked for.</summary>
    public static string Qualified(string kind, string device) => $"{kind}={device}";

    /// <summary>What keeps a text from being a kind; null where it is one.</summary>
    public static string? KindError(string text)
    {
        const string form = "; one looks like 'vendor.com/class'.";
        var parts = text.Split('/');
        if (parts.Length != 2)
            return "it needs one '/' between a vendor's domain and a class" + form;

        return IsWord(parts[0], MaxVendorLength) && IsWord(parts[1], MaxClassLength) && char.IsAsciiLetter(text[0])
            && char.IsAsciiLetter(parts[1][0])
                ? null
                : $"vendor (up to {MaxVendorLength} characters) and class (up to {MaxClassLength}) begin with a letter, end with a letter "
                    + "or digit, and have letters, digits, '-', '_' and '.' between" + form;
    }

    /// <summary>What keeps a text from being the name of a device within its kind; null where it is one.</summary>
    public static string? DeviceError(string text) => IsWord(text, int.MaxValue, alsoBetween: ':')
        ? null
        : "it begins and ends with a letter or digit, and has letters, digits, '-', '_', '.' and ':' between.";

    private static bool IsWord(string text, int maxLength, char alsoBetween = '.') =>
        text.Length > 0 && text.Length <= maxLength
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' || character == alsoBetween)
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
}
