using System.CommandLine;
using System.CommandLine.Parsing;

namespace NpuFeatureDiscovery.Cli;

/// <summary>Says what is wrong with a command line: the option, the value and what is allowed.</summary>
internal static class UsageErrors
{
    public static IReadOnlyList<string> Describe(ParseResult parsed) => parsed.UnmatchedTokens.Count > 0
        ? [.. parsed.UnmatchedTokens.Select(token => DescribeUnknown(token, parsed.CommandResult.Command))]
        : [.. parsed.Errors.Select(error => error.Message)];

    /// <summary>Adds an error in the words that every option uses.</summary>
    public static void Refuse(this ArgumentResult result, string text, string reason) =>
        result.AddError($"Option '{((OptionResult)result.Parent!).Option.Name}' does not take '{text}': {reason}");

    /// <summary>Says of a word that nothing takes what is allowed in its place.</summary>
    public static string DescribeUnknown(string token, Command command)
    {
        if (command is RootCommand)
            return $"Command '{token}' is unknown: allowed are {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}.";

        var options = string.Join(", ", command.Options.Where(option => !option.Hidden).Select(option => option.Name));
        return token.StartsWith('-')
            ? $"Option '{token}' of '{command.Name}' is unknown: allowed are {options}."
            : $"Argument '{token}' of '{command.Name}' is not expected: allowed are the options {options}.";
    }
}
