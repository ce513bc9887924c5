namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>What a check found: a line of the report.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="Check">What was looked at, in lower case with hyphens: the same in every version.</param>
/// <param name="What">What is so, in a sentence that names the thing.</param>
/// <param name="Why">Why that is so or what follows; null where the first sentence says it all.</param>
/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record Finding(FindingLevel Level, string Check, string What, string? Why = null, string? Remedy = null);
