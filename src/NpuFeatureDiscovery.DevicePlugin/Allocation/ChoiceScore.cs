namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// How good a choice is for <see cref="AllocationPolicy.Packed"/>, and how bad for <see cref="AllocationPolicy.Spread"/>.
/// </summary>
/// <param name="Chosen">The affinity of each two of the units that are chosen.</param>
/// <param name="Left">If that is equal: of each two of the units that stay free.</param>
/// <param name="Held">If that is equal as well: of each unit that is chosen to each that others hold.</param>
internal readonly record struct ChoiceScore(long Chosen, long Left, long Held)
{
    public static ChoiceScore operator +(ChoiceScore left, ChoiceScore right) =>
        new(left.Chosen + right.Chosen, left.Left + right.Left, left.Held + right.Held);

    /// <summary>Whether the policy prefers this choice to another.</summary>
    public bool IsBetterThan(ChoiceScore other, AllocationPolicy policy)
    {
        var order = Chosen.CompareTo(other.Chosen);
        if (order == 0)
            order = Left.CompareTo(other.Left);
        if (order == 0)
            order = Held.CompareTo(other.Held);

        return policy == AllocationPolicy.Packed ? order > 0 : order < 0;
    }
}
