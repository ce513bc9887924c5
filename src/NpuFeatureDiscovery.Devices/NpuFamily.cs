namespace NpuFeatureDiscovery.Devices;

/// <summary>The architecture of an NPU.</summary>
public enum NpuFamily
{
    /// <summary>Warboy: 2 cores, driver class <c>npu_mgmt</c>; also the U250 FPGA that carries its design.</summary>
    Warboy,

    /// <summary>RNGD (Renegade): 8 cores, driver class <c>rngd_mgmt</c>.</summary>
    Rngd,
}
