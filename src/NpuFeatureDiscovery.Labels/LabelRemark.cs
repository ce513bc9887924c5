namespace NpuFeatureDiscovery.Labels;

/// <summary>What was changed or refused on the way from a text to a label, so that nothing is lost silently.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record LabelRemark(string Key, string Message);
