using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>A plugin as a process of its own.</summary>
internal sealed class PluginProcess(params IEnumerable<string> arguments) : ObservedProcess(TheProgram.Start(arguments), keptLines: 40);
