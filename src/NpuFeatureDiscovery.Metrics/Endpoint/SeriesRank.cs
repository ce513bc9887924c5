namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>In which order metrics are given room in a scrape.</summary>
internal enum SeriesRank
{
    /// <summary>What tells of the program, in a number of series that never grows: always shown.</summary>
    Own,

    /// <summary>The program's instruments.</summary>
    Instrument,

    /// <summary>Everything else.</summary>
    Other,
}
