namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Text from a device, as a message shows it: a broken one may hold a page of anything.</summary>
internal static class Excerpt
{
    private const int MaxLength = 80;

    public static string Of(string text)
    {
        var shown = text.Length > MaxLength ? text[..MaxLength] + "…" : text;
        // A line feed or an escape sequence would forge the log.
        return string.Create(shown.Length, shown, static (target, source) =>
        {
            for (var index = 0; index < source.Length; index++)
                target[index] = char.IsControl(source[index]) ? ' ' : source[index];
        });
    }
}
