using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Profiles;

/// <summary>Which cards a node has and how many, in the names of one generation.</summary>
/// <param name="prefix">The prefix of the generation's keys.</param>
/// <param name="familyOf">The generation's name of a card's family.</param>
/// <param name="productOf">The generation's name of a card's product.</param>
internal sealed class CardLabels(string prefix, Func<NpuDevice, string> familyOf, Func<NpuDevice, string> productOf)
{
    /// <summary>A card counts while it is present, healthy or not.</summary>
    public void AddTo(LabelSetBuilder labels, EquatableArray<NpuDevice> devices)
    {
        labels.Add(prefix + "npu.count", devices.Count);
        if (devices.Count == 0)
            return;

        labels.Add(prefix + "npu.family", DistinctNames.Join(devices.Select(familyOf)));
        labels.Add(prefix + "npu.product", DistinctNames.Join(devices.Select(productOf)));

        var products = devices.GroupBy(device => LabelValue.Sanitise(productOf(device))).ToArray();
        if (products.Length == 1)
            return;

        // So that a selector can still ask for one product of a mixed node.
        foreach (var product in products.Where(product => product.Key.Length > 0))
            labels.Add($"{prefix}npu.{product.Key}.count", product.Count());
    }
}
