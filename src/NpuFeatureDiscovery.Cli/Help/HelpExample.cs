namespace NpuFeatureDiscovery.Cli.Help;

/// <param name="Command">The whole command line.</param>
/// <param name="What">What it does, in a sentence.</param>
internal sealed record HelpExample(string Command, string What);
