namespace NpuFeatureDiscovery.Devices;

/// <summary>What a device is made of, as its <c>platform_type</c> says.</summary>
public enum NpuPlatform
{
    /// <summary>A FuriosaAI chip (<c>FuriosaAI</c>).</summary>
    FuriosaAI,

    /// <summary>The U250 FPGA (<c>VITIS</c>).</summary>
    Vitis,
}
