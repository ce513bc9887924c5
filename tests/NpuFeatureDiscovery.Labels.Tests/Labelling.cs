namespace NpuFeatureDiscovery.Labels.Tests;

/// <summary>Sets of labels to publish.</summary>
internal static class Labelling
{
    public static LabelSet Set(params IEnumerable<string> labels)
    {
        var builder = new LabelSetBuilder();
        foreach (var text in labels)
            builder.Add(Label.TryParse(text, out var label, out var error) ? label : throw new ArgumentException(error));

        return builder.Build();
    }
}
