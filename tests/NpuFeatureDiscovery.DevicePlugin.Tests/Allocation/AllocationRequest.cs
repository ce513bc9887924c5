using NpuFeatureDiscovery.DevicePlugin.Allocation;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Allocation;

/// <summary>What the kubelet may ask of a host, and how good an answer is: by the affinities of pairs alone.</summary>
internal sealed record AllocationRequest(
    IReadOnlyList<Position> Positions, IReadOnlyList<string> Available, IReadOnlyList<string> MustInclude, int Size)
{
    /// <summary>Up to 11 units, of which some are held by others, chosen already, or not known.</summary>
    public static AllocationRequest Random(int seed)
    {
        var random = new Random(seed);
        var isNumaKnown = random.Next(4) > 0;
        var positions = new List<Position>();
        while (positions.Count < random.Next(1, 12))
        {
            var card = random.Next(3) == 0 ? null : $"card{positions.Count}";
            int? node = isNumaKnown && random.Next(10) > 0 ? random.Next(2) : null;
            // Few names, so that places are shared; also such as no host has, where one bridge is at two nodes.
            EquatableArray<string> bridges = [.. Enumerable.Range(0, random.Next(8)).Select(_ => $"bridge{random.Next(2)}")];
            for (var core = card is null ? 1 : random.Next(1, 5); core > 0; core--)
                positions.Add(new Position($"unit{positions.Count}", card, bridges, node));
        }

        var ids = positions.Select(position => position.Id).Append("unknown1").Append("unknown0").ToArray();
        random.Shuffle(ids);
        string[] mustInclude = [.. ids.Take(random.Next(3) == 0 ? random.Next(1, 4) : 0)];
        string[] free = [.. ids.Except(mustInclude).Where(_ => random.Next(5) > 0)];
        // The kubelet names among those to choose from also those that are chosen.
        var available = random.Next(2) == 0 ? free : [.. free, .. mustInclude];
        return new AllocationRequest(positions, available, mustInclude, random.Next(0, ids.Length + 2));
    }

    /// <summary>Free cards, each at a host bridge of its own or eight behind each switch.</summary>
    public static AllocationRequest Big(int cards, int cores, bool isFlat)
    {
        Position[] positions =
        [
            .. Enumerable.Range(0, cards).SelectMany(card => Enumerable.Range(0, cores).Select(core => isFlat
                ? new Position($"{card}_{core}", $"{card}", [$"{card}"], null)
                : new Position($"{card}_{core}", $"{card}", [$"{card / 64}", $"{card / 16}", $"{card / 8}", $"{card}"], card / 128))),
        ];
        return new AllocationRequest(positions, [.. positions.Select(position => position.Id)], [], positions.Length);
    }

    public IReadOnlyList<string> Choose(AllocationPolicy policy) =>
        PreferredAllocation.Choose(
            Positions, policy, new PreferenceRequest(new Dictionary<string, PluginDevice>(), Available, MustInclude, Size));

    public PositionGroup Group() =>
        PositionGroup.Create(Positions, [.. Available.Except(MustInclude)], [.. MustInclude.Take(Size)]);

    /// <summary>
    /// The affinities of each two that are chosen, that stay free, and of which one is chosen now and one is another's.
    /// </summary>
    public (long Chosen, long Left, long Held) Score(IReadOnlyList<string> chosen)
    {
        var sums = (Chosen: 0L, Left: 0L, Held: 0L);
        string[] before = [.. MustInclude.Take(Size)];
        var roles = Positions.Select(position => before.Contains(position.Id) ? Role.Before
            : chosen.Contains(position.Id) ? Role.Chosen
            : Available.Contains(position.Id) ? Role.Left : Role.Held).ToArray();
        for (var one = 0; one < roles.Length; one++)
        {
            for (var other = 0; other < one; other++)
            {
                var affinity = Affinity(Positions[one], Positions[other]);
                switch (roles[one], roles[other])
                {
                    case (Role.Chosen or Role.Before, Role.Chosen or Role.Before):
                        sums.Chosen += affinity;
                        break;
                    case (Role.Left, Role.Left):
                        sums.Left += affinity;
                        break;
                    case (Role.Chosen, Role.Held) or (Role.Held, Role.Chosen):
                        sums.Held += affinity;
                        break;
                }
            }
        }

        return sums;
    }

    public (long Chosen, long Left, long Held) BestScore(AllocationPolicy policy)
    {
        string[] before = [.. MustInclude.Take(Size)];
        string[] free = [.. Positions.Select(position => position.Id).Where(Available.Contains).Except(before)];
        var count = Math.Min(Size - before.Length, free.Length);
        var scores = Enumerable.Range(0, 1 << free.Length).Where(set => int.PopCount(set) == count)
            .Select(set => Score([.. before, .. free.Where((_, index) => (set & (1 << index)) != 0)]));
        return policy == AllocationPolicy.Packed ? scores.Max() : scores.Min();
    }

    private enum Role
    {
        Before,
        Chosen,
        Left,
        Held,
    }

    private static int Affinity(Position one, Position other)
    {
        if (one.NumaNode != other.NumaNode)
            return 0;

        var shared = one.Bridges.Zip(other.Bridges).TakeWhile(pair => pair.First == pair.Second).Count();
        if (one.Card is not null && one.Card == other.Card && one.Bridges.Equals(other.Bridges))
            return 60;

        return shared switch
        {
            0 => one.NumaNode is null ? 0 : 10,
            1 or 2 => 20,
            3 or 4 => 30,
            5 or 6 => 40,
            _ => 50,
        };
    }
}
