using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>Prometheus' own checks.</summary>
internal static class PromTool
{
    /// <summary>Both programs come with one package.</summary>
    public static void IgnoreWhereMissing()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "prometheus"))))
            Assert.Ignore("Needs Prometheus: 'RUNLEVEL=1 apt-get install prometheus'.");
    }

    /// <summary>Runs it in the repository's root, with arguments as one writes them in a shell.</summary>
    public static Task<ProgramResult> RunAsync(string arguments, CancellationToken token)
    {
        IgnoreWhereMissing();
        return TheProgram.ShellAsync($"promtool {arguments}", token);
    }
}
