using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>A program that gives credentials, as a kubeconfig names it.</summary>
/// <remarks>https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins</remarks>
internal sealed record ExecPlugin(
    string Command, IReadOnlyList<string> Arguments, IReadOnlyList<(string Name, string Value)> Variables, string ApiVersion,
    string? Hint)
{
    private const int LongestText = 300;

    public static ExecPlugin Of(YamlSection exec)
    {
        var command = exec.Text("command") ?? throw exec.Error("command", "it is missing");
        if (exec.Text("interactiveMode") == "Always")
            throw exec.Error("interactiveMode", "a plugin that asks a person cannot be run here");

        var variables = new List<(string, string)>();
        foreach (var pair in exec.Sections("env"))
            variables.Add((pair.Text("name") ?? throw pair.Error("name", "it is missing"), pair.Text("value") ?? ""));

        return new ExecPlugin(
            // A bare name is looked up in PATH, anything else is relative to the file.
            command.Contains('/', StringComparison.Ordinal) ? Path.Combine(exec.Folder, command) : command,
            [.. exec.Texts("args")],
            variables,
            exec.Text("apiVersion") ?? throw exec.Error("apiVersion", "it is missing"),
            exec.Text("installHint"));
    }

    /// <summary>What the program writes, which is a secret.</summary>
    /// <exception cref="KubernetesException">It cannot be started, or it failed.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Command, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;

        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject
        {
            ["apiVersion"] = ApiVersion,
            ["kind"] = "ExecCredential",
            ["spec"] = new JsonObject { ["interactive"] = false },
        }.ToJsonString();
        using var process = Start(start);
        try
        {
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output
                : throw Failed($"ended with {process.ExitCode}: {Shortened(await error).TrimEnd('.')}.");
        }
        catch (OperationCanceledException exception)
        {
            throw Failed("did not end in time.", exception);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    public KubernetesException Failed(string reason, Exception? cause = null) =>
        new($"The credential plugin '{Command}' {reason}{(Hint is null ? "" : $" {Hint.Trim()}")}", innerException: cause);

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw Failed($"cannot be started: {exception.Message}.", exception);
        }
    }

    private static string Shortened(string text) =>
        text.Trim() is { Length: > LongestText } longer ? longer[..LongestText] + "..." : text.Trim();
}
