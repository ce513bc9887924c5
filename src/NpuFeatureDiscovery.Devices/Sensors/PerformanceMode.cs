namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>The mode that a card was set to (<c>performance_mode</c>), such as <c>4 (FULL 1)</c>.</summary>
/// <param name="Number">The driver's number, 0 (low) to 5 (full).</param>
/// <param name="Name">The driver's name; <see langword="null"/> where it gives none.</param>
public sealed record PerformanceMode(int Number, string? Name);
