using System.Globalization;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Collects labels into a <see cref="LabelSet"/>. A key that is added again takes the later value.</summary>
public sealed class LabelSetBuilder
{
    private readonly Dictionary<string, Label> _labels = new(StringComparer.Ordinal);
    private readonly List<LabelRemark> _remarks = [];

    /// <summary>Adds a label as it is.</summary>
    public void Add(Label label) => _labels[label.Key] = label;

    /// <summary>Adds a number.</summary>
    public void Add(string key, int value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Adds a text, made a legal value where it is none; what was changed is remarked. Where the text is
    /// <see langword="null"/> or nothing of it is legal, there is no label.
    /// </summary>
    public void Add(string key, string? text)
    {
        if (text is null)
            return;

        var value = LabelValue.Sanitise(text);
        if (value.Length == 0)
            Remark(key, $"No label '{key}': its text '{text}' holds nothing that a label value may hold.");
        else if (!Label.TryCreate(key, value, out var label, out var error))
            Remark(key, $"No label '{key}': {error}");
        else
        {
            Add(label);
            if (value != text)
                Remark(key, $"Label '{key}' is '{value}', since '{text}' is no legal label value.");
        }
    }

    /// <summary>Adds a label that stands in place of one that was added before.</summary>
    internal void Override(Label label)
    {
        if (_labels.TryGetValue(label.Key, out var other) && other != label)
            Remark(label.Key, $"Label '{label.Key}' is '{label.Value}' as configured, in place of '{other.Value}'.");

        Add(label);
    }

    internal LabelSet Build(params IEnumerable<DeviceFeature> devices) => new(_labels.Values, _remarks, devices);

    private void Remark(string key, string message) => _remarks.Add(new LabelRemark(key, message));
}
