namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>The labels of a sample. The order in which they are given does not matter.</summary>
public sealed class MetricLabels : IEquatable<MetricLabels>
{
    private readonly (string Name, string Value)[] _items;

    /// <param name="labels">
    /// Names of letters, digits and <c>_</c>, each once, and values of any text. A label with an empty value is left out: to
    /// Prometheus it is the same as none.
    /// </param>
    /// <exception cref="ArgumentException">A name is illegal, or given twice.</exception>
    public MetricLabels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var items = labels.ToArray();
        var count = 0;
        foreach (var label in labels)
        {
            MetricName.CheckLabel(label.Name);
            ArgumentNullException.ThrowIfNull(label.Value);
            var index = count++;
            // Labels are few, and mostly in order.
            for (; index > 0 && string.CompareOrdinal(items[index - 1].Name, label.Name) is >= 0 and var order; index--)
            {
                if (order == 0)
                    throw new ArgumentException($"Label '{label.Name}' is given twice: a sample has each label once.");

                items[index] = items[index - 1];
            }

            items[index] = label;
        }

        _items = Array.Exists(items, static label => label.Value.Length == 0)
            ? Array.FindAll(items, static label => label.Value.Length > 0)
            : items;
    }

    /// <summary>No label.</summary>
    public static MetricLabels None { get; } = new();

    /// <summary>The labels in ordinal order of their names.</summary>
    public IReadOnlyList<(string Name, string Value)> Items => _items;

    internal ReadOnlySpan<(string Name, string Value)> Span => _items;

    /// <inheritdoc/>
    public bool Equals(MetricLabels? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MetricLabels);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var label in _items)
            hash.Add(label);

        return hash.ToHashCode();
    }

    /// <summary><c>a="1",b="2"</c>, without escapes.</summary>
    public override string ToString() =>
        string.Join(',', Array.ConvertAll(_items, label => $"{label.Name}=\"{label.Value}\""));

    internal static int Compare(MetricLabels left, MetricLabels right)
    {
        for (var index = 0; index < left._items.Length && index < right._items.Length; index++)
        {
            var order = string.CompareOrdinal(left._items[index].Name, right._items[index].Name);
            if (order == 0)
                order = string.CompareOrdinal(left._items[index].Value, right._items[index].Value);
            if (order != 0)
                return order;
        }

        return left._items.Length - right._items.Length;
    }
}
