using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Units;

/// <summary>A device file that a program opens to compute: processing elements of a card, fused where they are several.</summary>
/// <param name="Card">The card's index.</param>
/// <param name="Cores">The cores; null for the file of all cores of a card, each on its own (<c>npu0</c>).</param>
internal sealed record PeFile(int Card, CoreRange? Cores)
{
    /// <summary>As in the environment variable <c>NPU_DEVNAME</c>: <c>npu0pe0-1</c>.</summary>
    public string DevName => NpuName + PeName;

    /// <summary>As in <c>NPU_NPUNAME</c>: <c>npu0</c>.</summary>
    public string NpuName => $"npu{Card}";

    /// <summary>As in <c>NPU_PENAME</c>: <c>pe0-1</c>; empty for the file of all cores.</summary>
    public string PeName => Cores is { } cores ? $"pe{cores}" : "";

    /// <summary>As in <c>FURIOSA_DEVICES</c>: <c>npu:0:0-1</c>.</summary>
    public string RuntimeName => Cores is { } cores ? $"npu:{Card}:{cores}" : $"npu:{Card}";
}
