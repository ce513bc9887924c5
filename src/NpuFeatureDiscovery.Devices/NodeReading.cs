namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// One look at the host, at the health interval or after an event: for those who count how often something was seen, and not
/// only that it changed.
/// </summary>
/// <param name="Number">Counts the readings of a <see cref="DeviceMonitor"/>, from 1.</param>
/// <param name="Snapshot">What the host is; the same object as before where nothing changed.</param>
/// <param name="Failure">
/// Why the host cannot be read at all, so that <paramref name="Snapshot"/> is the last that could; <see langword="null"/> where it
/// can.
/// </param>
public sealed record NodeReading(long Number, NodeSnapshot Snapshot, string? Failure);
