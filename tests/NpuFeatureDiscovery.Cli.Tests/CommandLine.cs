namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>Runs a command line inside the test's process.</summary>
internal static class CommandLine
{
    public static async Task<ProgramResult> RunAsync(params IReadOnlyList<string> args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await CommandLineApplication.RunAsync(args, output, error);
        return new ProgramResult(exitCode, output.ToString(), error.ToString());
    }
}
