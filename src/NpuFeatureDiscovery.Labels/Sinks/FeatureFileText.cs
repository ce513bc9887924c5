using System.Text;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>The text of an NFD feature file: a <c>key=value</c> line for each label.</summary>
internal static class FeatureFileText
{
    public static string Render(LabelSet labels)
    {
        var text = new StringBuilder();
        foreach (var label in labels.Labels)
            text.Append(label.Key).Append('=').Append(label.Value).Append('\n');

        return text.ToString();
    }

    /// <summary>The feature lines of a file that this project wrote, without comments.</summary>
    public static IReadOnlyList<string> Lines(string text) =>
        [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
}
