namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>How often a card met one kind of error since its driver was loaded (a line of <c>atr_error</c>).</summary>
/// <param name="Kind">The driver's words in lower case with <c>_</c> between them, such as <c>axi_post_error</c>.</param>
/// <param name="Count">How often.</param>
public sealed record ErrorCount(string Kind, long Count);
