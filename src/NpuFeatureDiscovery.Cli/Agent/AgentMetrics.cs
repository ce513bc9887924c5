using System.Diagnostics.Metrics;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>What the agent counts of itself, by <see cref="System.Diagnostics.Metrics"/>, on the meter <see cref="MeterName"/>.</summary>
internal sealed class AgentMetrics
{
    public const string MeterName = "NpuFeatureDiscovery.Agent";

    private readonly Counter<long> _restarts;
    private readonly Counter<long> _reloads;
    private readonly AgentState _state;
    private readonly DeviceMonitor _monitor;

    public AgentMetrics(IMeterFactory meters, AgentState state, DeviceMonitor monitor)
    {
        (_state, _monitor) = (state, monitor);
        var meter = meters.Create(MeterName);
        _restarts = meter.CreateCounter<long>("npu.agent.part.restarts", "{restart}", "Starts of a part after it has failed.");
        _reloads = meter.CreateCounter<long>(
            "npu.agent.configuration.reloads", "{reload}", "Changed contents of the configuration file, by whether they were applied.");
        meter.CreateObservableGauge("npu.agent.part.up", Up, null, "1 while the part runs, 0 while it waits to be started again.");
        meter.CreateObservableGauge(
            "npu.agent.snapshot.generation", Generation, null, "Counts what was found of the NPUs since the start.");
        // So that a rate can be told from the first event on.
        foreach (var part in AgentParts.All)
            RecordRestarts(part, 0);
        foreach (var isSuccess in (bool[])[true, false])
            RecordReloads(isSuccess, 0);
    }

    public void RecordRestart(string part) => RecordRestarts(part, 1);

    public void RecordReload(bool isSuccess) => RecordReloads(isSuccess, 1);

    private void RecordRestarts(string part, long count) => _restarts.Add(count, new KeyValuePair<string, object?>("part", part));

    private void RecordReloads(bool isSuccess, long count) =>
        _reloads.Add(count, new KeyValuePair<string, object?>("result", isSuccess ? "success" : "failure"));

    private IEnumerable<Measurement<int>> Up()
    {
        foreach (var part in _state.Parts)
            yield return new Measurement<int>(part.IsRunning ? 1 : 0, new KeyValuePair<string, object?>("part", part.Name));
    }

    private IEnumerable<Measurement<long>> Generation() => _monitor.Latest is { Generation: var generation } ? [new(generation)] : [];
}
