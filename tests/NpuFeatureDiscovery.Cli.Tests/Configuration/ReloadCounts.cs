using System.Diagnostics.Metrics;
using NpuFeatureDiscovery.Cli.Configuration;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

/// <summary>Listens to the counter of reloads of one meter factory.</summary>
internal sealed class ReloadCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _reloads = new(0);
    private long _successes;
    private long _failures;

    public ReloadCounts(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name == DevicePluginFileMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.Start();
    }

    public (long Successes, long Failures) Value => (Interlocked.Read(ref _successes), Interlocked.Read(ref _failures));

    /// <summary>Waits for a reload that was not waited for yet. It is counted when all else about it is done.</summary>
    public Task NextAsync(CancellationToken cancellationToken) => _reloads.WaitAsync(cancellationToken);

    public void Dispose()
    {
        _listener.Dispose();
        _reloads.Dispose();
    }

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        Assert.That((instrument.Name, instrument.Unit), Is.EqualTo(("npu.device_plugin.configuration.reloads", "{reload}")));
        switch (tags)
        {
            case [{ Key: "result", Value: "success" }]:
                Interlocked.Add(ref _successes, value);
                break;
            case [{ Key: "result", Value: "failure" }]:
                Interlocked.Add(ref _failures, value);
                break;
        }

        // The first of each makes its series known.
        if (value > 0)
            _reloads.Release();
    }
}
