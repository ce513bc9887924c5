using System.Diagnostics.Metrics;

namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>What became of Events, by <see cref="System.Diagnostics.Metrics"/>, on the meter of the labels.</summary>
internal sealed class NodeEventMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _events = meters.Create(LabelMetrics.MeterName).CreateCounter<long>(
        "npu.node_events", "{event}", "Events of the Node, by what became of them: written, dropped, or held back by the rate limit.");

    public void RecordWritten() => Record("written");

    public void RecordDropped() => Record("dropped");

    public void RecordLimited() => Record("limited");

    private void Record(string result) => _events.Add(1, new KeyValuePair<string, object?>("result", result));
}
