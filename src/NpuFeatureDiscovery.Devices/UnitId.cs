using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// What the kubelet calls one unit of an NPU resource: a card, or some of its cores. Written as FuriosaAI's device plugins write it:
/// <c>A76AAD68-6855-40B1-9E86-D080852D1C84</c>, <c>A76AAD68-6855-40B1-9E86-D080852D1C84_cores_0</c>, <c>..._cores_0-1</c>.
/// </summary>
/// <param name="DeviceId">The card: see <see cref="DeviceIds"/>.</param>
/// <param name="Cores">The cores; <see langword="null"/> for the whole card.</param>
public sealed record UnitId(string DeviceId, CoreRange? Cores = null)
{
    private const string Separator = "_cores_";

    /// <summary>Reads what <see cref="ToString"/> writes; text without cores is a whole card.</summary>
    /// <returns>Whether it is one: not where the cores are no range, or there is no card.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out UnitId? id)
    {
        id = null;
        if (string.IsNullOrEmpty(text))
            return false;

        var separator = text.LastIndexOf(Separator, StringComparison.Ordinal);
        if (separator < 0)
        {
            id = new UnitId(text);
            return true;
        }

        if (separator == 0 || !TryParseCores(text.AsSpan(separator + Separator.Length), out var cores))
            return false;

        id = new UnitId(text[..separator], cores);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Cores is { } cores ? $"{DeviceId}{Separator}{cores}" : DeviceId;

    private static bool TryParseCores(ReadOnlySpan<char> text, [NotNullWhen(true)] out CoreRange? cores)
    {
        cores = null;
        var dash = text.IndexOf('-');
        if (!TryParseCore(dash < 0 ? text : text[..dash], out var start))
            return false;

        var end = start;
        // As in device node names, a single core is only written by itself.
        if (dash >= 0 && (!TryParseCore(text[(dash + 1)..], out end) || end <= start))
            return false;

        cores = new CoreRange(start, end);
        return true;
    }

    private static bool TryParseCore(ReadOnlySpan<char> text, out int core)
    {
        var isByte = byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        core = value;
        return isByte && (text.Length == 1 || text[0] != '0');
    }
}
