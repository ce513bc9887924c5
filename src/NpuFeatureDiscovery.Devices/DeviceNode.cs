namespace NpuFeatureDiscovery.Devices;

/// <summary>What a node in <c>/dev</c> is for.</summary>
public enum DeviceNodeRole
{
    /// <summary>The management node (<c>npu0_mgmt</c>, RNGD <c>npu0mgmt</c>).</summary>
    Management,

    /// <summary>All cores, each on its own (<c>npu0</c>).</summary>
    MultiCore,

    /// <summary>One core (<c>npu0pe0</c>) or several fused into one (<c>npu0pe0-1</c>).</summary>
    Core,

    /// <summary>A DMA channel (<c>npu0ch0</c>).</summary>
    Channel,

    /// <summary>A remote DMA channel of RNGD (<c>npu0ch0r</c>).</summary>
    RemoteChannel,

    /// <summary>The remote DMA node of RNGD (<c>npu0dmar</c>).</summary>
    RemoteDma,

    /// <summary>A PCI base address register of RNGD (<c>npu0bar0</c>).</summary>
    Bar,
}

/// <summary>One node in <c>/dev</c>.</summary>
/// <param name="Path">The host's own path, such as <c>/dev/npu0pe0-1</c> or <c>/dev/rngd/npu0pe0</c>.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Cores">The cores it opens; <see langword="null"/> where it is not about particular cores.</param>
public sealed record DeviceNode(string Path, DeviceNodeRole Role, CoreRange? Cores = null);
