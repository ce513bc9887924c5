using System.Globalization;
using System.Text.Json;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Amounts of extended resources, which are whole numbers.</summary>
internal static class Quantities
{
    public static Dictionary<string, long> Of(JsonElement element, string member, Func<string, bool> isWanted)
    {
        var quantities = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, text) in element.Texts(member))
        {
            if (isWanted(name) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
                quantities[name] = amount;
        }

        return quantities;
    }

    public static void Add(Dictionary<string, long> sum, Dictionary<string, long> more)
    {
        foreach (var (name, amount) in more)
        {
            var before = sum.GetValueOrDefault(name);
            sum[name] = amount <= long.MaxValue - before ? before + amount : long.MaxValue;
        }
    }

    public static string Describe(Dictionary<string, long> quantities) =>
        string.Join(", ", quantities.Keys.Order(StringComparer.Ordinal).Select(name => $"{quantities[name]} {name}"));
}
