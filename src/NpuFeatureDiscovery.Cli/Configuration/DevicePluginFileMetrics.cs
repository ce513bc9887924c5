using System.Diagnostics.Metrics;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Counts what became of the configuration file while the program ran.</summary>
internal sealed class DevicePluginFileMetrics
{
    public const string MeterName = "NpuFeatureDiscovery.DevicePlugin";
    public const string ReloadsName = "npu.device_plugin.configuration.reloads";

    private readonly Counter<long> _reloads;

    public DevicePluginFileMetrics(IMeterFactory meters) => _reloads = meters.Create(MeterName).CreateCounter<long>(
        ReloadsName, "{reload}", "Changed contents of the configuration file, by whether they were applied.");

    public void RecordSuccess() => Record("success");

    public void RecordFailure() => Record("failure");

    private void Record(string result) => _reloads.Add(1, new KeyValuePair<string, object?>("result", result));
}
