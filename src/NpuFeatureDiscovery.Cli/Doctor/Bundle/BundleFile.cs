namespace NpuFeatureDiscovery.Cli.Doctor.Bundle;

/// <param name="Name">The file's path in the archive.</param>
/// <param name="Text">What it holds.</param>
internal sealed record BundleFile(string Name, string Text);
