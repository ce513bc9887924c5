using System.Diagnostics.Metrics;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

/// <summary>How the measurements of an instrument are understood.</summary>
/// <param name="Type">What they become.</param>
/// <param name="IsSum">Whether they are changes, not the value itself.</param>
/// <param name="IsObservable">Whether all values are measured anew at every scrape.</param>
internal sealed record InstrumentKind(MetricType Type, bool IsSum, bool IsObservable)
{
    private static readonly Dictionary<Type, InstrumentKind> Kinds = new()
    {
        [typeof(Counter<>)] = new(MetricType.Counter, IsSum: true, IsObservable: false),
        [typeof(ObservableCounter<>)] = new(MetricType.Counter, IsSum: false, IsObservable: true),
        [typeof(UpDownCounter<>)] = new(MetricType.Gauge, IsSum: true, IsObservable: false),
        [typeof(ObservableUpDownCounter<>)] = new(MetricType.Gauge, IsSum: false, IsObservable: true),
        [typeof(Gauge<>)] = new(MetricType.Gauge, IsSum: false, IsObservable: false),
        [typeof(ObservableGauge<>)] = new(MetricType.Gauge, IsSum: false, IsObservable: true),
        [typeof(Histogram<>)] = new(MetricType.Histogram, IsSum: true, IsObservable: false),
    };

    /// <summary><see langword="null"/> of an instrument that somebody else has invented.</summary>
    public static InstrumentKind? Of(Instrument instrument) => instrument.GetType() is { IsGenericType: true } type
        ? Kinds.GetValueOrDefault(type.GetGenericTypeDefinition())
        : null;
}
