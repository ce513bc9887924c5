using System.Diagnostics;

namespace NpuFeatureDiscovery.Testing;

/// <summary>The program as users start it: a process of its own.</summary>
public static class TheProgram
{
    /// <summary>
    /// The executable under test: the published one that NPU_EXECUTABLE names, else what the build put beside the tests.
    /// </summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("NPU_EXECUTABLE")
        ?? System.IO.Path.Combine(AppContext.BaseDirectory, "npu-feature-discovery");

    public static Task<ProgramResult> RunAsync(CancellationToken token, params IEnumerable<string> arguments) =>
        ExecuteAsync(Path, arguments, token);

    /// <summary>Runs a script of bash in the repository's root, with the program as <c>$program</c>.</summary>
    public static Task<ProgramResult> ShellAsync(string script, CancellationToken token) =>
        ExecuteAsync("bash", ["-euc", script], token);

    public static Process Start(params IEnumerable<string> arguments) => Start(Path, arguments);

    /// <inheritdoc cref="ShellAsync"/>
    public static Process StartShell(string script) => Start("bash", ["-euc", script]);

    private static async Task<ProgramResult> ExecuteAsync(string file, IEnumerable<string> arguments, CancellationToken token)
    {
        using var process = Start(file, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(token);
            var error = process.StandardError.ReadToEndAsync(token);
            await process.WaitForExitAsync(token);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string file, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        WorkingDirectory = Repository.Root,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["program"] = Path },
    })!;
}
