using System.CommandLine;
using NpuFeatureDiscovery.Cli.Commands;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;

namespace NpuFeatureDiscovery.Cli;

/// <summary>The life of a command: parse, say what is wrong with the usage, run, turn failures into exit codes.</summary>
internal static class CommandLineApplication
{
    private const string Name = "npu-feature-discovery";

    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Labels a Kubernetes node with its FuriosaAI NPUs. Without a command: label.")
        {
            LabelCommand.Create(output),
        };

        var parsed = root.Parse(WithDefaultCommand(args));
        var mistakes = UsageErrors.Describe(parsed);
        if (mistakes.Count > 0)
        {
            foreach (var mistake in mistakes)
                await error.WriteLineAsync($"{Name}: {mistake}");

            var command = parsed.CommandResult.Command is RootCommand ? Name : $"{Name} {parsed.CommandResult.Command.Name}";
            await error.WriteLineAsync($"{Name}: '{command} --help' explains what is allowed.");
            return ExitCode.Usage;
        }

        try
        {
            // Signals end the host of a long-running command; the parser's own handling would come in between.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception failure) when (failure is HostUnreadableException or LabelPublishException)
        {
            await error.WriteLineAsync($"{Name}: {failure.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>Options alone belong to the main job, but for those that ask about the program itself.</summary>
    private static IReadOnlyList<string> WithDefaultCommand(IReadOnlyList<string> args) =>
        args is [] || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version"))
            ? [LabelCommand.Name, .. args]
            : args;
}
