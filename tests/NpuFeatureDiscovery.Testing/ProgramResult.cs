namespace NpuFeatureDiscovery.Testing;

/// <summary>What a program left: its exit code and both its outputs.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error);
