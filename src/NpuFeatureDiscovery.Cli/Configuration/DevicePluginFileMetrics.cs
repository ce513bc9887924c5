using System.Diagnostics.Metrics;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Counts what became of the configuration file while the program ran.</summary>
internal sealed class DevicePluginFileMetrics
{
    public const string MeterName = "NpuFeatureDiscovery.DevicePlugin";
    public const string ReloadsName = "npu.device_plugin.configuration.reloads";

    private readonly Counter<long> _reloads;

    public DevicePluginFileMetrics(IMeterFactory meters)
    {
        _reloads = meters.Create(MeterName).CreateCounter<long>(
            ReloadsName, "{reload}", "Changed contents of the configuration file, by whether they were applied.");
        // So that a rate can be told from the first event on.
        Record("success", 0);
        Record("failure", 0);
    }

    public void RecordReload(bool isSuccess) => Record(isSuccess ? "success" : "failure", 1);

    private void Record(string result, long count) => _reloads.Add(count, new KeyValuePair<string, object?>("result", result));
}
