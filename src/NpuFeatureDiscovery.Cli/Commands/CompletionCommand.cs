using System.CommandLine;
using System.CommandLine.Parsing;
using NpuFeatureDiscovery.Cli.Completion;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Prints a script by which a shell completes the command line.</summary>
internal sealed class CompletionCommand
{
    public const string Name = "completion";

    private readonly Argument<string> _shell = new("SHELL")
    {
        Description = "For which shell: bash or zsh.",
        CompletionSources = { "bash", "zsh" },
        Validators = { RefuseUnknown },
    };

    private readonly TextWriter _output;

    private CompletionCommand(TextWriter output) => _output = output;

    public static Command Create(TextWriter output)
    {
        var handler = new CompletionCommand(output);
        var command = new Command(Name, "Print a script that completes commands, options and their values in bash or zsh.");
        command.Arguments.Add(handler._shell);
        command.SetAction((parsed, _) => handler.RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var commands = CompletedCommand.AllOf(parsed.RootCommandResult.Command);
        await _output.WriteAsync(parsed.GetRequiredValue(_shell) == "bash"
            ? BashScript.Write(commands, LabelCommand.Name)
            : ZshScript.Write(commands, LabelCommand.Name));
        return ExitCode.Done;
    }

    private static void RefuseUnknown(ArgumentResult result)
    {
        var shell = result.Tokens[0].Value;
        if (shell is not ("bash" or "zsh"))
            result.AddError($"Argument 'SHELL' does not take '{shell}': allowed are bash and zsh.");
    }
}
