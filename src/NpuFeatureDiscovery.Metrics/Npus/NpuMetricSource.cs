using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>
/// Reads the cards' sensors at each scrape, and shows them by the profiles that are asked for; with the Pods that hold the cards, so
/// that both are of the same scrape.
/// </summary>
internal sealed class NpuMetricSource(
    DeviceMonitor monitor, SensorReader sensors, NpuMetricsOptions options, LoadSampler sampler, AllocationReader allocationReader,
    SensorErrors errors) : IPromptSource
{
    private readonly DeviceIds _ids = new();

    /// <summary>What the others call the same has more labels in the older ones: hence they come first.</summary>
    private readonly IMetricProfile[] _profiles =
    [
        .. options.Profiles.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => MetricProfiles.Find(name)!)
            .OrderBy(profile => profile.Name == MetricProfiles.BaseUnits),
    ];

    public string Name => "npu";

    public bool IsPrompt => true;

    public async ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        if (monitor.Latest is not { } node)
            return [];

        var reading = options.Pods ? allocationReader.ReadAsync(cancellationToken) : null;
        // Nothing from here to the end of the scrape blocks its thread.
        var readings = await sensors.ReadAllButCountersAsync(node.Devices, runContinuationsAsynchronously: false);
        errors.Note(readings);
        var allocations = reading is null ? null : await reading;
        var scrape = new NpuScrape(Cards(readings, options.PodLabels ? allocations : null), options.NodeName);
        // What several profiles call the same is the same.
        return
        [
            .. _profiles is [var only]
                ? only.CreateFamilies(scrape)
                : _profiles.SelectMany(profile => profile.CreateFamilies(scrape)).DistinctBy(family => family.Name),
            .. options.Pods ? AllocationFamilies.Create(node, _ids, allocations) : [],
            MetricFamily.Gauge(
                "furiosa_npu_snapshot_generation", "Counts what was found of the NPUs since the start; the NPUs are shown as of this.",
                [new(node.Generation)]),
        ];
    }

    private NpuCard[] Cards(IReadOnlyList<SensorReadings> readings, IReadOnlyList<Allocation>? allocations)
    {
        var holders = allocations is null ? null : CardHolders.Of([.. readings.Select(reading => reading.Device)], _ids, allocations);
        return
        [
            .. readings.Select((reading, index) => new NpuCard(
                reading, reading.Failure is null ? sampler.Of(reading.Device) : [], holders?[index] ?? CardHolders.Untold)),
        ];
    }
}
