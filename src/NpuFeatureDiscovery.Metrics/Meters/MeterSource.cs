using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Meters;

/// <summary>Shows the instruments of meters, counted from when this is made.</summary>
/// <remarks>
/// Instruments whose names become the same metric are counted together, so that a meter may be made anew and its counters go on.
/// </remarks>
internal sealed partial class MeterSource : IPromptSource, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Metric> _metrics = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly string[] _meters;
    private readonly IMeterFactory _factory;
    private readonly ILogger _logger;

    /// <param name="meters">Names of meters; one that ends in <c>*</c> stands for all that begin so.</param>
    /// <param name="factory">The program's own: the meters of other factories belong to other hosts in the process.</param>
    /// <param name="logger">Told of instruments that cannot be shown.</param>
    public MeterSource(IEnumerable<string> meters, IMeterFactory factory, ILogger<MeterSource> logger)
    {
        (_meters, _factory, _logger) = ([.. meters], factory, logger);
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    public string Name => "meters";

    /// <summary>Observable instruments run what others wrote.</summary>
    public bool IsPrompt => !Array.Exists(Metrics(), metric => metric.Kind.IsObservable);

    public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Collect());

    public IReadOnlyCollection<MetricFamily> Collect()
    {
        foreach (var (kind, recorder) in Metrics())
        {
            if (kind.IsObservable)
                recorder.Clear();
        }

        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException exception)
        {
            // The others have been measured all the same.
            foreach (var failure in exception.InnerExceptions)
                LogObserveFailed(failure);
        }

        return [.. Metrics().Select(metric => metric.Recorder.Read()).OfType<MetricFamily>()];
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        ((Recorder)state!).Record(value, tags);

    private Metric[] Metrics()
    {
        lock (_lock)
            return [.. _metrics.Values];
    }

    private void Listen(Instrument instrument, MeterListener listener)
    {
        if (!IsWanted(instrument.Meter) || InstrumentKind.Of(instrument) is not { } kind)
            return;

        var unit = InstrumentName.Unit(instrument.Unit);
        var name = InstrumentName.Metric(instrument.Name, unit, kind.Type);
        Metric? metric;
        lock (_lock)
        {
            if (!_metrics.TryGetValue(name, out metric))
                _metrics[name] = metric = new Metric(kind, NewRecorder(instrument, name, unit, kind));
        }

        if (metric.Kind == kind)
            listener.EnableMeasurementEvents(instrument, metric.Recorder);
        else
            LogNameTaken(instrument.Name, instrument.Meter.Name, name);
    }

    private bool IsWanted(Meter meter) =>
        (meter.Scope is not IMeterFactory factory || factory == _factory)
        && Array.Exists(_meters, pattern => pattern.EndsWith('*')
            ? meter.Name.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : meter.Name == pattern);

    private static Recorder NewRecorder(Instrument instrument, string name, string? unit, InstrumentKind kind)
    {
        var help = instrument.Description ?? "";
        return kind.Type == MetricType.Histogram
            ? new HistogramRecorder(name, help, unit, HistogramBounds.Of(instrument))
            : new ValueRecorder(name, help, unit, isCounter: kind.Type == MetricType.Counter, kind.IsSum);
    }

    private sealed record Metric(InstrumentKind Kind, Recorder Recorder);

    [LoggerMessage(1, LogLevel.Warning,
        "Instrument '{Instrument}' of meter '{Meter}' is not shown: metric '{Metric}' is of another kind. Rename one",
        EventName = "NameTaken")]
    private partial void LogNameTaken(string instrument, string meter, string metric);

    [LoggerMessage(2, LogLevel.Warning, "An observable instrument failed and is left out", EventName = "ObserveFailed")]
    private partial void LogObserveFailed(Exception exception);
}
