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

    /// <summary>Starts it beside the API server that a kubeconfig file names.</summary>
    public static Process StartIn(string kubeconfig, IEnumerable<string> arguments) => Start(Path, arguments, kubeconfig);

    /// <summary>Starts it with environment variables.</summary>
    public static Process StartWith(Dictionary<string, string> environment, IEnumerable<string> arguments) =>
        Start("env", [.. environment.Select(variable => $"{variable.Key}={variable.Value}"), Path, .. arguments]);

    /// <summary>Runs it beside the API server that a kubeconfig file names.</summary>
    public static Task<ProgramResult> RunInAsync(string kubeconfig, CancellationToken token, params IEnumerable<string> arguments) =>
        ExecuteAsync(Path, arguments, token, kubeconfig);

    /// <inheritdoc cref="ShellAsync"/>
    public static Process StartShell(string script) => Start("bash", ["-euc", script]);

    private static async Task<ProgramResult> ExecuteAsync(string file, IEnumerable<string> arguments, CancellationToken token, string? kubeconfig = null)
    {
        using var process = Start(file, arguments, kubeconfig);
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

    /// <summary>Without the API server that the tests' own environment names; a test that means one says so.</summary>
    private static Process Start(string file, IEnumerable<string> arguments, string? kubeconfig = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["program"] = Path, ["KUBECONFIG"] = kubeconfig },
        };
        start.Environment.Remove("KUBERNETES_SERVICE_HOST");
        return Process.Start(start)!;
    }
}
