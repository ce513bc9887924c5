namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// For every number of units that may be chosen in a group, how many of them come from each group within: the best. What a
/// share adds to the score depends on its size alone, so the shares are found from the innermost groups outwards, one group
/// after the other.
/// </summary>
internal sealed class BestShares
{
    private readonly PositionGroup _group;
    private readonly AllocationPolicy _policy;
    private readonly BestShares[] _within;

    /// <summary>By the number of units that are chosen.</summary>
    private readonly ChoiceScore[] _scores;

    /// <summary>The share of each group within, by the number of units in it and in what comes after it.</summary>
    private readonly int[][] _shares;

    /// <param name="group">The group.</param>
    /// <param name="count">How many units are chosen at most.</param>
    /// <param name="policy">What is best.</param>
    public BestShares(PositionGroup group, int count, AllocationPolicy policy)
    {
        (_group, _policy) = (group, policy);
        _within = [.. group.Groups.Select(inner => new BestShares(inner, count, policy))];
        _shares = new int[_within.Length][];
        _scores = new ChoiceScore[Math.Min(group.OwnFree.Count, count) + 1];
        for (var index = _within.Length - 1; index >= 0; index--)
            (_scores, _shares[index]) = Join(_within[index]._scores, _scores, count);

        for (var chosen = 0; chosen < _scores.Length; chosen++)
            _scores[chosen] += group.Score(chosen);
    }

    /// <summary>
    /// How many sums are compared at most to find the shares; it is of the order of the square of the free units.
    /// </summary>
    public static long Steps(PositionGroup group, int count)
    {
        var (steps, free) = (0L, group.OwnFree.Count);
        for (var index = group.Groups.Count - 1; index >= 0; index--)
        {
            var inner = group.Groups[index];
            steps += Steps(inner, count) + ((Math.Min(inner.Free, count) + 1L) * (Math.Min(free, count) + 1L));
            free += inner.Free;
        }

        return steps;
    }

    /// <summary>Adds the ids of the best choice.</summary>
    public void Take(int count, List<string> chosen)
    {
        for (var index = 0; index < _within.Length; index++)
        {
            var share = _shares[index][count];
            _within[index].Take(share, chosen);
            count -= share;
        }

        chosen.AddRange(_group.OwnFree.Take(count));
    }

    private (ChoiceScore[] Scores, int[] Shares) Join(ChoiceScore[] group, ChoiceScore[] rest, int count)
    {
        var scores = new ChoiceScore[Math.Min(group.Length + rest.Length - 2, count) + 1];
        var shares = new int[scores.Length];
        for (var chosen = 0; chosen < scores.Length; chosen++)
        {
            // Of equally good shares the largest, so that what comes first is taken first.
            var share = Math.Min(chosen, group.Length - 1);
            scores[chosen] = group[share] + rest[chosen - share];
            shares[chosen] = share;
            for (share--; share >= Math.Max(0, chosen - rest.Length + 1); share--)
            {
                var score = group[share] + rest[chosen - share];
                if (score.IsBetterThan(scores[chosen], _policy))
                    (scores[chosen], shares[chosen]) = (score, share);
            }
        }

        return (scores, shares);
    }
}
