using System.CommandLine;
using System.CommandLine.Help;

namespace NpuFeatureDiscovery.Cli.Completion;

/// <summary>A command, as far as a shell completes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">A sentence.</param>
/// <param name="Options">Its options, in the order of the help.</param>
/// <param name="Argument">What it takes besides; null where it takes options alone.</param>
internal sealed record CompletedCommand(
    string Name, string Description, IReadOnlyList<CompletedValue> Options, CompletedValue? Argument)
{
    public static IReadOnlyList<CompletedCommand> AllOf(Command root)
    {
        Option[] shared = [.. root.Options.OfType<HelpOption>()];
        return [.. root.Subcommands.Where(command => !command.Hidden).Select(command => Create(command, shared))];
    }

    private static CompletedCommand Create(Command command, Option[] shared) => new(
        command.Name, command.Description ?? "",
        [.. command.Options.Concat(shared).Where(option => !option.Hidden).Select(CompletedValue.Create)],
        command.Arguments.Select(CompletedValue.Create).FirstOrDefault());
}
