namespace NpuFeatureDiscovery.Metrics;

/// <summary>A source that says whether it may block the thread that asks it.</summary>
internal interface IPromptSource : IMetricSource
{
    /// <summary>Whether it never blocks, and so may be asked on the thread of the request.</summary>
    bool IsPrompt { get; }
}
