using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What the Node offers of NPUs, against the host's cards.</summary>
internal sealed class ResourcesCheck : IClusterCheck
{
    public const string Name = "resources";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.Node is not { } node)
            yield break;

        foreach (var resource in node.Capacity.Keys.Where(resource => node.Capacity[resource] == 0))
            yield return new Finding(FindingLevel.Warning, Name,
                $"{node} has a resource of no plugin, '{resource}', with nothing of it.",
                "The kubelet keeps the name of every resource that was ever registered.",
                "It does no harm; if a plugin should offer it, see whether that runs.");

        var cards = facts.Context.Node?.Devices;
        var offered = node.Capacity.Values.Sum();
        if (offered == 0 && cards is { Count: > 0 } present)
            yield return new Finding(FindingLevel.Problem, Name, $"{node} offers none of its {Amount.Of(present.Count, "card")}.",
                "No device plugin has registered with its kubelet.",
                "See whether the device plugin runs on this node and what it logs.");
        else if (offered > 0 && cards is { } counted && CountMismatch(node, counted) is { } mismatch)
            yield return mismatch;

        var isWell = true;
        foreach (var resource in node.Capacity.Keys)
        {
            if (Shortage(node, resource, cards) is { } shortage)
            {
                isWell = false;
                yield return shortage;
            }
        }

        if (offered > 0 && isWell)
            yield return new Finding(FindingLevel.Ok, Name, $"{node} offers {Quantities.Describe(node.Allocatable)}.");
    }

    /// <summary>A unit is a card or a core, by the plugin's settings, and all resources of a node have the same.</summary>
    private static Finding? CountMismatch(ClusterNode node, EquatableArray<NpuDevice> cards)
    {
        var offered = node.Capacity.Values.Sum();
        var cores = cards.Sum(card => card.Cores.Count);
        if (offered == cards.Count || offered == cores)
            return null;

        var what = $"{node} counts {Quantities.Describe(node.Capacity)}, and the host has {Amount.Of(cards.Count, "card")} with "
            + $"{Amount.Of(cores, "core")}.";
        return offered < cards.Count
            ? new Finding(FindingLevel.Problem, Name, what,
                "Cards are missing, unless the plugin's settings leave them out (--disabled-devices).",
                "See what the device plugin logs.")
            : new Finding(FindingLevel.Warning, Name, what,
                "Cards that vanished count for some minutes, as unhealthy; or several plugins offer the same cards by other names.",
                "See that one device plugin runs on this node, and run doctor again in ten minutes.");
    }

    private static Finding? Shortage(ClusterNode node, string resource, EquatableArray<NpuDevice>? cards)
    {
        var (capacity, allocatable) = (node.Capacity[resource], node.Allocatable.GetValueOrDefault(resource));
        if (allocatable >= capacity)
            return null;

        var what = $"Pods can have {allocatable} of {capacity} {resource}.";
        NpuDevice[] unhealthy = [.. (cards ?? []).Where(card => card.Health.State != HealthState.Healthy)];
        if (allocatable == 0 && unhealthy.Length < (cards?.Count ?? 1))
            return new Finding(FindingLevel.Problem, Name, what,
                "The device plugin is gone: the kubelet keeps the count for five minutes, and gives nothing.",
                "See whether the device plugin runs on this node and what it logs.");

        return unhealthy.Length > 0
            ? new Finding(FindingLevel.Problem, Name, what,
                "The plugin tells units as unhealthy: "
                + $"{string.Join("; ", unhealthy.Select(card => $"{card.Name}: {card.Health.Reason}"))}.",
                "See the cards themselves, above all the kernel's log.")
            : new Finding(FindingLevel.Warning, Name, what,
                "The plugin tells units as unhealthy of which the cards show nothing: they may be new, or well again since.",
                "Run doctor again in ten minutes, and see what the device plugin logs.");
    }
}
