using System.CommandLine;
using System.CommandLine.Parsing;

namespace NpuFeatureDiscovery.Cli;

/// <summary>Parses an option's value, or says what is allowed in its place.</summary>
internal delegate bool ValueParser<T>(string text, out T value, out string reason);

/// <summary>A value with the text that stands for it on the command line, which the help shows as well.</summary>
internal sealed record Choice<T>(string Text, T Value)
{
    public override string ToString() => Text;
}

/// <summary>Options whose values are checked while the command line is parsed, so that all mistakes are told at once.</summary>
internal static class OptionFactory
{
    /// <param name="name">The option.</param>
    /// <param name="valueName">How the help shows the value: <c>TIME</c>, and words as they are to be written: <c>auto|off|TIME</c>.</param>
    /// <param name="description">A sentence for the help.</param>
    /// <param name="defaultValue">What counts where it is not given.</param>
    /// <param name="parse">Makes a value of the text.</param>
    public static Option<T> Create<T>(string name, string valueName, string description, T defaultValue, ValueParser<T> parse) =>
        new Option<T>(name)
        {
            Description = description,
            HelpName = valueName,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => Parse(result, result.Tokens[0].Value, parse),
        }.Suggest([.. valueName.Split('|').Where(IsWord)]);

    /// <summary>An option that may be given several times, each time with several values parted by commas.</summary>
    public static Option<IReadOnlyList<T>> CreateList<T>(
        string name, string valueName, string description, IReadOnlyList<T> defaultValue, ValueParser<T> parse) =>
        new(name)
        {
            Description = description,
            HelpName = valueName,
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))
                .Select(text => Parse(result, text, parse)!)],
        };

    /// <summary>An option whose values are words; the first is the default.</summary>
    public static Option<Choice<T>> CreateChoice<T>(string name, string description, params Choice<T>[] choices)
    {
        return Create(name, string.Join('|', choices.Select(choice => choice.Text)), description, choices[0], TryFind);

        bool TryFind(string text, out Choice<T> choice, out string reason)
        {
            var found = choices.FirstOrDefault(choice => choice.Text.Equals(text, StringComparison.OrdinalIgnoreCase));
            choice = found ?? choices[0];
            reason = $"allowed are {string.Join(", ", choices.Select(choice => choice.Text))}.";
            return found is not null;
        }
    }

    /// <summary>The value that was chosen.</summary>
    public static T ValueOf<T>(this ParseResult parsed, Option<Choice<T>> option) => parsed.GetRequiredValue(option).Value;

    /// <summary>Has the shell complete these words.</summary>
    public static Option<T> Suggest<T>(this Option<T> option, IEnumerable<string> words)
    {
        option.CompletionSources.Add([.. words]);
        return option;
    }

    /// <summary>A switch.</summary>
    public static Option<bool> CreateFlag(string name, string description) => new(name) { Description = description };

    /// <summary>What stands for a value is in capitals.</summary>
    private static bool IsWord(string text) => text == "-" || text.Any(char.IsAsciiLetterLower);

    private static T? Parse<T>(ArgumentResult result, string text, ValueParser<T> parse)
    {
        if (parse(text, out var value, out var reason))
            return value;

        result.Refuse(text, reason);
        return default;
    }
}
