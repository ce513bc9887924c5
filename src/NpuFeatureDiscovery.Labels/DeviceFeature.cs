using System.Globalization;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>One card as a feature of its node, for rules of Node Feature Discovery: attributes with texts as values.</summary>
/// <param name="Attributes">Names and values, in ordinal order of the names; what is unknown is absent.</param>
public sealed record DeviceFeature(EquatableArray<KeyValuePair<string, string>> Attributes)
{
    internal static DeviceFeature Of(NpuDevice device)
    {
        KeyValuePair<string, string?>[] attributes =
        [
            new("cores", device.Cores.Count > 0 ? Text(device.Cores.Count) : null),
            new("driver-version", device.DriverVersion?.ToString()),
            new("family", device.Family.ToString().ToLowerInvariant()),
            new("firmware-version", device.FirmwareVersion?.ToString()),
            new("index", Text(device.Index)),
            new("name", device.Name),
            new("numa-node", device.NumaNode is { } node ? Text(node) : null),
            new("pci-address", device.PciAddress.ToString()),
            new("product", device.Product),
            new("serial", device.Serial),
            new("uuid", device.Uuid),
        ];
        return new(EquatableArray.Create<KeyValuePair<string, string>>(Array.FindAll(attributes, pair => pair.Value is not null)!));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
