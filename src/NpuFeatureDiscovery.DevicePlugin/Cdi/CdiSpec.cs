using System.Text.Json;

namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>The devices of one kind, and what a container runtime makes of a container that asks for one.</summary>
internal sealed class CdiSpec
{
    private const string First = "0.3.0";
    private const string WithHostPath = "0.5.0";
    private const string WithDotInClass = "0.6.0";

    /// <param name="kind">What the devices are: <c>vendor.com/class</c>.</param>
    /// <param name="devices">One at least.</param>
    /// <exception cref="ArgumentException">Runtimes would refuse it.</exception>
    public CdiSpec(string kind, IReadOnlyList<CdiDevice> devices)
    {
        if (CdiName.KindError(kind) is { } error)
            throw new ArgumentException($"'{kind}' is no kind of CDI device: {error}", nameof(kind));
        if (devices.Count == 0)
            throw new ArgumentException($"A CDI specification has one device at least; '{kind}' has none.", nameof(devices));
        if (devices.GroupBy(device => device.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
            throw new ArgumentException($"CDI device '{CdiName.Qualified(kind, twice.Key)}' is there more than once.", nameof(devices));

        (Kind, Devices) = (kind, devices);
        CdiVersion = LowestVersion(kind, devices);
    }

    /// <summary>The lowest that has all that is used: a runtime refuses a version that it does not know.</summary>
    public string CdiVersion { get; }

    public string Kind { get; }

    public IReadOnlyList<CdiDevice> Devices { get; }

    /// <summary>Whether it has a device of this name.</summary>
    public bool Has(string device) => Devices.Any(known => known.Name == device);

    /// <summary>The content of its file.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, CdiJson.Default.CdiSpec), (byte)'\n'];

    /// <summary>
    /// https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md#released-versions, and for the digit the checks that
    /// runtimes make by its library.
    /// </summary>
    private static string LowestVersion(string kind, IReadOnlyList<CdiDevice> devices)
    {
        if (kind.AsSpan(kind.IndexOf('/')).Contains('.'))
            return WithDotInClass;

        var needsHostPath = devices.SelectMany(device => device.ContainerEdits.DeviceNodes).Any(node => node.HostPath is not null);
        return needsHostPath || devices.Any(device => char.IsAsciiDigit(device.Name[0])) ? WithHostPath : First;
    }
}
