namespace NpuFeatureDiscovery.Devices;

/// <summary>How often the host is read, and what stands for a card that cannot be read for a while.</summary>
public sealed class DeviceMonitorOptions
{
    /// <summary>The shortest and the longest <see cref="Interval"/> and <see cref="HealthInterval"/>.</summary>
    public static readonly (TimeSpan Shortest, TimeSpan Longest) IntervalRange = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));

    /// <summary>How often everything is read.</summary>
    /// <value>1 second to 1 day. Default: 60 seconds.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often presence and health are read, a small file for each card: sysfs tells nobody when they change.
    /// </summary>
    /// <value>1 second to <see cref="Interval"/>. Default: 1 second.</value>
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For how long the last good reading of a card stands while it is unknown: a read fails or hangs, or the driver is gone
    /// while the card is still on the PCI bus, as during a reload. A card that is known to be gone is gone at once.
    /// </summary>
    /// <value>Zero or more; zero: not at all. Default: 5 minutes.</value>
    public TimeSpan KeepUnknown { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one read of a sysfs file may take before its card counts as hanging.</summary>
    /// <value>More than zero. Default: 0.5 seconds.</value>
    public TimeSpan ReadDeadline { get; set; } = TimeSpan.FromSeconds(0.5);
}
