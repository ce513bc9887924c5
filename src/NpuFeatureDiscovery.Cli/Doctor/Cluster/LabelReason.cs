namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Why labels are not as they should be: those of one reason are one line.</summary>
internal sealed record LabelReason(FindingLevel Level, string Why, string? Remedy);
