namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>What of a card is read.</summary>
internal enum CardPart
{
    All,
    AllButCounters,
    Counters,
}
