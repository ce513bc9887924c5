namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>The answer to scrapes of the same moment and form, in memory until the last of them has it.</summary>
internal sealed class Scrape(ReadOnlyMemory<byte> text)
{
    public ReadOnlyMemory<byte> Text => text;

    /// <summary>How many clients are still getting it.</summary>
    public int Readers { get; set; }
}
