namespace NpuFeatureDiscovery.Devices;

/// <summary>Neighbouring cores of one card, both ends included.</summary>
/// <param name="Start">The first core.</param>
/// <param name="End">The last core, not below <paramref name="Start"/>.</param>
public sealed record CoreRange(int Start, int End) : IComparable<CoreRange>
{
    /// <summary>How many cores.</summary>
    public int Width => End - Start + 1;

    /// <summary>Orders as the driver's own tools list them: narrow before wide, then by the first core.</summary>
    public int CompareTo(CoreRange? other)
    {
        if (other is null)
            return 1;

        var byWidth = Width.CompareTo(other.Width);
        return byWidth != 0 ? byWidth : Start.CompareTo(other.Start);
    }

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator <(CoreRange left, CoreRange right) => left.CompareTo(right) < 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator <=(CoreRange left, CoreRange right) => left.CompareTo(right) <= 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator >(CoreRange left, CoreRange right) => left.CompareTo(right) > 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator >=(CoreRange left, CoreRange right) => left.CompareTo(right) >= 0;

    /// <summary>As in device node names: <c>0</c> or <c>0-1</c>.</summary>
    public override string ToString() => Start == End ? $"{Start}" : $"{Start}-{End}";
}
