using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>The configuration that applies now, and the options that are made of it.</summary>
internal sealed class CurrentDevicePluginFile(
    DevicePluginFile initial, OptionsChangeSignal<DevicePluginOptions> plugin, OptionsChangeSignal<DeviceMonitorOptions> monitor)
{
    private volatile DevicePluginFile _value = initial;

    public DevicePluginFile Value => _value;

    /// <summary>Takes over what applies at once; what needs a restart stays as it is.</summary>
    public void Update(DevicePluginFile file)
    {
        var before = _value;
        _value = before.WithLive(file);
        if (_value with { Interval = before.Interval } != before)
            plugin.Raise();
        if (_value.Interval != before.Interval)
            monitor.Raise();
    }

    public void Apply(DevicePluginOptions options) => _value.Apply(options);

    public void Apply(DeviceMonitorOptions options) => options.Interval = _value.Interval;
}
