using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>
/// Advises the kubelet which devices to give together: those of one NUMA node, and of these the first by PCI address and core. It
/// always advises, since the kubelet fails the Pod otherwise, and advises exactly as many as are asked for.
/// </summary>
internal static class PreferredAllocation
{
    /// <summary>For devices of which the ids and the nodes are all that is known.</summary>
    public static IReadOnlyList<string> ByNumaNode(PreferenceRequest request) => Choose(
        request.Available, request.MustInclude, request.Size,
        id => request.Devices.GetValueOrDefault(id) is { } device
            ? new Place(device.NumaNodes is [var node, ..] ? node : null, default, 0)
            : null);

    /// <param name="available">The ids to choose from.</param>
    /// <param name="mustInclude">The ids that are chosen already.</param>
    /// <param name="size">How many ids to choose in all; as many as there are, where there are fewer.</param>
    /// <param name="placeOf">Where a device is; null for ids of which only the text is known.</param>
    public static IReadOnlyList<string> Choose(
        IReadOnlyCollection<string> available, IReadOnlyCollection<string> mustInclude, int size, Func<string, Place?> placeOf)
    {
        var chosen = mustInclude.Distinct().Take(Math.Max(size, 0)).ToList();
        var open = size - chosen.Count;
        if (open <= 0)
            return chosen;

        var candidates = available.Distinct().Except(chosen).Select(id => new Candidate(id, placeOf(id))).ToArray();
        var chosenNodes = chosen.Select(id => placeOf(id)?.NumaNode).OfType<int>().ToHashSet();
        var byNode = candidates.GroupBy(candidate => candidate.Place?.NumaNode)
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

    private sealed record Candidate(string Id, Place? Place) : IComparable<Candidate>
    {
        public int CompareTo(Candidate? other) => other is null ? 1 : Key(this).CompareTo(Key(other));

        private static (bool, uint, byte, byte, byte, int, string) Key(Candidate candidate)
        {
            var address = candidate.Place?.Address ?? default;
            return (candidate.Place is null, address.Domain, address.Bus, address.Device, address.Function,
                candidate.Place?.Core ?? 0, candidate.Id);
        }
    }
}

/// <summary>Where a device is in its host.</summary>
/// <param name="NumaNode">Near to which memory; null where that is not known.</param>
/// <param name="Address">Its card's; that of all zeros where that is not known.</param>
/// <param name="Core">Which part of the card it is; 0 for a whole card.</param>
internal sealed record Place(int? NumaNode, PciAddress Address, int Core);
