using System.Text;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>Runs a command line inside the test's process.</summary>
internal static class CommandLine
{
    public static Task<ProgramResult> RunAsync(params IReadOnlyList<string> args) => RunAsAsync(ProgramName.Own, args);

    /// <summary>Runs it as if the program were called by another name.</summary>
    public static Task<ProgramResult> RunAsAsync(string programName, params IReadOnlyList<string> args) =>
        RunAsInAsync(programName, [], args);

    /// <summary>Runs it with environment variables; without there is none, and so no API server.</summary>
    public static Task<ProgramResult> RunInAsync(Dictionary<string, string> environment, params IReadOnlyList<string> args) =>
        RunAsInAsync(ProgramName.Own, environment, args);

    public static Task<ProgramResult> RunAsInAsync(
        string programName, Dictionary<string, string> environment, params IReadOnlyList<string> args) =>
        RunAsync(Stream.Null, programName, environment, args);

    /// <summary>Runs it with a text on standard input.</summary>
    public static async Task<ProgramResult> RunOnAsync(string input, params IReadOnlyList<string> args)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(input));
        return await RunAsync(stream, ProgramName.Own, [], args);
    }

    private static async Task<ProgramResult> RunAsync(
        Stream input, string programName, Dictionary<string, string> environment, IReadOnlyList<string> args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        // A command line that is wrongly taken for a right one runs on: it must not hold up the tests.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var exitCode = await CommandLineApplication.RunAsync(
            args, input, output, error, programName, environment.GetValueOrDefault, cancellationToken: deadline.Token);
        return new ProgramResult(exitCode, output.ToString(), error.ToString());
    }
}
