namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>What a listing found at one moment.</summary>
/// <param name="Text">The table or document; empty where there is none.</param>
/// <param name="Notices">Sentences for people beside it.</param>
internal sealed record ListedText(string Text, IReadOnlyList<string> Notices);
