using System.Diagnostics.Metrics;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Makes meters of the program that end with the part that asked for them.</summary>
internal sealed class PartMeterFactory(IMeterFactory program) : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Meter> _meters = new(StringComparer.Ordinal);

    public Meter Create(MeterOptions options)
    {
        lock (_lock)
        {
            if (!_meters.TryGetValue(options.Name, out var meter))
                _meters.Add(options.Name, meter = new Meter(options.Name, options.Version, options.Tags, scope: program));

            return meter;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var meter in _meters.Values)
                meter.Dispose();
        }
    }
}
