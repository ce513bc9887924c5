using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>What .NET has no call for, by the system's own commands.</summary>
internal static class Shell
{
    public static async Task RunAsync(string script, CancellationToken token)
    {
        var result = await TheProgram.ShellAsync(script, token);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"'{script}' ended with {result.ExitCode}: {result.Error}");
    }

    public static async Task<bool> SucceedsAsync(string script, CancellationToken token) =>
        (await TheProgram.ShellAsync(script, token)).ExitCode == 0;
}
