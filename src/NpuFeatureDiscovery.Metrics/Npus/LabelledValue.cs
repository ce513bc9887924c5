namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>A value of a card, and the label that tells it from the others of its family.</summary>
internal sealed record LabelledValue(string Label, double Value);
