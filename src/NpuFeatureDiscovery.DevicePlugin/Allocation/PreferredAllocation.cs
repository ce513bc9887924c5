using NpuFeatureDiscovery.DevicePlugin.Units;

namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// Advises the kubelet which units to give together: those of one NUMA node, and of these the first by PCI address and core. It
/// always advises, since the kubelet fails the Pod otherwise, and advises exactly as many as are asked for.
/// </summary>
internal static class PreferredAllocation
{
    /// <param name="list">The units as they are now; of ids that are not among them only the text is known.</param>
    /// <param name="available">The ids to choose from.</param>
    /// <param name="mustInclude">The ids that are chosen already.</param>
    /// <param name="size">How many ids to choose in all; as many as there are, where there are fewer.</param>
    public static IReadOnlyList<string> Choose(
        UnitList list, IReadOnlyCollection<string> available, IReadOnlyCollection<string> mustInclude, int size)
    {
        var chosen = mustInclude.Distinct().Take(Math.Max(size, 0)).ToList();
        var open = size - chosen.Count;
        if (open <= 0)
            return chosen;

        var candidates = available.Distinct().Except(chosen).Select(id => new Candidate(id, list.Find(id)?.Unit)).ToArray();
        var chosenNodes = chosen.Select(id => list.Find(id)?.Unit.Device.NumaNode).OfType<int>().ToHashSet();
        var byNode = candidates.GroupBy(candidate => candidate.NumaNode)
            // Beside those that are chosen already; else the node with the least room to spare, so that the others keep theirs;
            // where none has room for all, the one with the most.
            .OrderByDescending(node => node.Key is { } numaNode && chosenNodes.Contains(numaNode))
            .ThenByDescending(node => node.Key is not null)
            .ThenByDescending(node => node.Count() >= open)
            .ThenBy(node => node.Count() >= open ? node.Count() : -node.Count())
            .ThenBy(node => node.Key);
        chosen.AddRange(byNode.SelectMany(node => node.Order()).Take(open).Select(candidate => candidate.Id));
        return chosen;
    }

    private sealed record Candidate(string Id, Unit? Unit) : IComparable<Candidate>
    {
        public int? NumaNode => Unit?.Device.NumaNode;

        public int CompareTo(Candidate? other) => other is null ? 1 : Key(this).CompareTo(Key(other));

        private static (bool, uint, byte, byte, byte, int, string) Key(Candidate candidate)
        {
            var address = candidate.Unit?.Device.PciAddress ?? default;
            return (candidate.Unit is null, address.Domain, address.Bus, address.Device, address.Function,
                candidate.Unit?.Id.Cores?.Start ?? 0, candidate.Id);
        }
    }
}
