using System.CommandLine;
using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Devices;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>
/// The options of a command as keys of a configuration file: the same words in another spelling, the same values and the same errors.
/// </summary>
internal sealed class OptionSection
{
    private readonly string _prefix;
    private readonly Command _command;
    private readonly Dictionary<string, Option> _options = new(StringComparer.Ordinal);
    private readonly List<string> _arguments = [];

    /// <param name="prefix">What stands before the keys where they are named, such as <c>label.</c>.</param>
    /// <param name="command">The command with its options.</param>
    /// <param name="isKey">Which of them are keys.</param>
    public OptionSection(string prefix, Command command, Func<Option, bool> isKey)
    {
        (_prefix, _command) = (prefix, command);
        foreach (var option in command.Options.Where(isKey))
            _options.Add(KeyOf(option), option);

        Keys = [.. _options.Keys];
    }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>Where each key is that was read.</summary>
    public Dictionary<string, Mark> Places { get; } = new(StringComparer.Ordinal);

    /// <summary>What was read, as arguments of the command.</summary>
    public EquatableArray<string> Arguments => [.. _arguments];

    /// <summary>Takes over the value of one key.</summary>
    public void Read(YamlValues values, string key, ParsingEvent value)
    {
        var option = _options[key];
        if (TextOf(values, _prefix + key, option, value) is not { } text)
            return;

        var argument = $"{option.Name}={text}";
        _arguments.Add(argument);
        foreach (var error in UsageErrors.Describe(_command.Parse([argument])))
            values.Add(value.Start, InKeys(error));
    }

    /// <summary>Adds what is wrong with values that are each right by themselves, at the first key that is named.</summary>
    /// <param name="values">The file.</param>
    /// <param name="mistakes">What the command says.</param>
    /// <param name="place">Where the section is.</param>
    public void Add(YamlValues values, IEnumerable<string> mistakes, Mark place)
    {
        foreach (var mistake in mistakes)
        {
            var named = _options.Where(option => mistake.Contains($"'{option.Value.Name}", StringComparison.Ordinal))
                .OrderBy(option => mistake.IndexOf($"'{option.Value.Name}", StringComparison.Ordinal))
                .Select(option => option.Key).FirstOrDefault(Places.ContainsKey);
            values.Add(named is null ? place : Places[named], InKeys(mistake));
        }
    }

    /// <summary>The text of the option's value; null where it has none that could be one.</summary>
    private static string? TextOf(YamlValues values, string key, Option option, ParsingEvent value)
    {
        if (option is Option<bool>)
            return values.ReadChoice<bool>(key, value, "true or false", ("true", true), ("false", false)) ? "true" : null;
        if (value is not SequenceStart || option.Arity.MaximumNumberOfValues <= 1)
            return values.ReadText(key, value);

        var texts = new List<string>();
        while (values.TryNextEntry(out var entry))
        {
            if (values.ReadText($"{key}[{texts.Count}]", entry) is { } text)
                texts.Add(text);
        }

        return texts.Count > 0 ? string.Join(',', texts) : null;
    }

    /// <summary>What the command says of its options, said of the keys.</summary>
    private string InKeys(string mistake)
    {
        foreach (var option in _command.Options.OrderByDescending(option => option.Name.Length))
        {
            var key = KeyOf(option);
            mistake = mistake.Replace($"'{option.Name}", $"'{(_options.ContainsKey(key) ? _prefix : "")}{key}", StringComparison.Ordinal);
        }

        return mistake.StartsWith("Option ", StringComparison.Ordinal) ? $"Key {mistake["Option ".Length..]}" : mistake;
    }

    /// <summary><c>--features-dir</c> is the key <c>featuresDir</c>.</summary>
    private static string KeyOf(Option option)
    {
        var words = option.Name.TrimStart('-').Split('-');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
