namespace NpuFeatureDiscovery.Devices.Sensors;

// Units as the kernel defines them for every hwmon driver: https://docs.kernel.org/hwmon/sysfs-interface.html.

/// <summary>A temperature (<c>tempN_input</c>).</summary>
/// <param name="Label">What the driver calls it, such as <c>NE_PE0</c>; the channel's number where it has no label.</param>
/// <param name="Channel">The driver's channel, unique in a card: <c>temp1</c>.</param>
/// <param name="Millicelsius">Thousandths of a degree Celsius.</param>
public sealed record TemperatureReading(string Label, string Channel, long Millicelsius);

/// <summary>A voltage (<c>inN_input</c>).</summary>
/// <param name="Label">What the driver calls it, such as <c>NE Core Volt</c>; the channel's number where it has no label.</param>
/// <param name="Channel">The driver's channel, unique in a card: <c>in0</c>.</param>
/// <param name="Millivolts">Thousandths of a volt.</param>
public sealed record VoltageReading(string Label, string Channel, long Millivolts);

/// <summary>A current (<c>currN_input</c>).</summary>
/// <param name="Label">What the driver calls it, such as <c>PCI 12V Curr</c>; the channel's number where it has no label.</param>
/// <param name="Channel">The driver's channel, unique in a card: <c>curr1</c>.</param>
/// <param name="Milliamperes">Thousandths of an ampere.</param>
public sealed record CurrentReading(string Label, string Channel, long Milliamperes);

/// <summary>The power that is drawn (<c>powerN_average</c>).</summary>
/// <param name="Label">What the driver calls it, such as <c>PCI Total RMS PWR</c>; the channel's number where it has no label.</param>
/// <param name="Channel">The driver's channel, unique in a card: <c>power1</c>.</param>
/// <param name="Microwatts">Millionths of a watt.</param>
public sealed record PowerReading(string Label, string Channel, long Microwatts);
