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
        Array.Sort(items, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        for (var index = 0; index < items.Length; index++)
        {
            MetricName.CheckLabel(items[index].Name);
            ArgumentNullException.ThrowIfNull(items[index].Value);
            if (index > 0 && items[index].Name == items[index - 1].Name)
                throw new ArgumentException($"Label '{items[index].Name}' is given twice: a sample has each label once.");
        }

        _items = Array.FindAll(items, static label => label.Value.Length > 0);
    }

    /// <summary>No label.</summary>
    public static MetricLabels None { get; } = new();

    /// <summary>The labels in ordinal order of their names.</summary>
    public IReadOnlyList<(string Name, string Value)> Items => _items;

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
    public override string ToString() => string.Join(',', _items.Select(label => $"{label.Name}=\"{label.Value}\""));

    internal static int Compare(MetricLabels left, MetricLabels right)
    {
        foreach (var (one, other) in left._items.Zip(right._items))
        {
            var order = string.CompareOrdinal(one.Name, other.Name);
            if (order == 0)
                order = string.CompareOrdinal(one.Value, other.Value);
            if (order != 0)
                return order;
        }

        return left._items.Length - right._items.Length;
    }
}
