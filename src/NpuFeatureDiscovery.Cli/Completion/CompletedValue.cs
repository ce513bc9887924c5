using System.CommandLine;
using System.CommandLine.Completions;

namespace NpuFeatureDiscovery.Cli.Completion;

/// <summary>An option or argument, as far as a shell completes it.</summary>
/// <param name="Name">The option, or how the help names the argument.</param>
/// <param name="ValueName">How the help names the value.</param>
/// <param name="Description">A sentence.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Words">The words that it takes.</param>
/// <param name="IsRepeated">Whether it may be given several times.</param>
internal sealed record CompletedValue(
    string Name, string ValueName, string Description, ValueKind Kind, IReadOnlyList<string> Words, bool IsRepeated)
{
    public static CompletedValue Create(Option option)
    {
        var isSwitch = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;
        var valueName = isSwitch ? "" : option.HelpName ?? "";
        return new CompletedValue(
            option.Name, valueName, option.Description ?? "", isSwitch ? ValueKind.None : KindOf(valueName),
            isSwitch ? [] : WordsOf(option), option.Arity.MaximumNumberOfValues > 1);
    }

    public static CompletedValue Create(Argument argument) => new(
        argument.Name, argument.Name, argument.Description ?? "", KindOf(argument.Name), WordsOf(argument),
        argument.Arity.MaximumNumberOfValues > 1);

    /// <summary>By the word that the help shows for the value.</summary>
    private static ValueKind KindOf(string valueName) =>
        valueName.Contains("FOLDER", StringComparison.Ordinal) ? ValueKind.Folder
        : valueName.Contains("FILE", StringComparison.Ordinal) ? ValueKind.File
        : valueName.Contains("SOCKET", StringComparison.Ordinal) ? ValueKind.File
        : valueName.EndsWith(",...", StringComparison.Ordinal) ? ValueKind.List
        : ValueKind.Text;

    private static string[] WordsOf(Symbol symbol) =>
        [.. symbol.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];
}
