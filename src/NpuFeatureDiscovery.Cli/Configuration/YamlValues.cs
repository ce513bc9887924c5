using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>Reads the keys and values of a configuration file, and goes on after a mistake to find the others.</summary>
internal sealed class YamlValues(string text)
{
    private readonly YamlEvents _events = new(text);
    private readonly List<FileMistake> _mistakes = [];

    public IReadOnlyCollection<FileMistake> Mistakes => _mistakes;

    /// <summary>Reads the whole file, which is one map.</summary>
    /// <param name="allowed">Its keys.</param>
    /// <param name="keys">Takes where each key is.</param>
    /// <param name="readValue">Reads the value of a key, all of it.</param>
    public void ReadFile(IReadOnlyCollection<string> allowed, Dictionary<string, Mark> keys, Action<string, ParsingEvent> readValue)
    {
        try
        {
            ReadStream(allowed, keys, readValue);
        }
        catch (YamlException exception)
        {
            Add(exception.Start, $"This is not valid YAML. {exception.Message}");
        }
    }

    /// <summary>Reads the rest of a map that has begun.</summary>
    /// <param name="prefix">What stands before its keys where they are named, such as <c>label.</c>.</param>
    /// <param name="allowed">Its keys.</param>
    /// <param name="keys">Takes where each key is.</param>
    /// <param name="readValue">Reads the value of a key, all of it.</param>
    public void ReadMap(
        string prefix, IReadOnlyCollection<string> allowed, Dictionary<string, Mark> keys, Action<string, ParsingEvent> readValue)
    {
        while (_events.TryNextNode<MappingEnd>(out var key))
        {
            var name = key is Scalar scalar ? scalar.Value : null;
            if (name is null || !allowed.Contains(name))
            {
                var what = name is null ? Describe(key) : Quote(prefix + name);
                Add(key.Start, $"Key {what} is unknown: allowed are {string.Join(", ", allowed)}.");
                _events.Skip(key);
                _events.Skip(_events.NextNode());
                continue;
            }

            RefuseTag(key);
            if (!keys.TryAdd(name, key.Start))
                Add(key.Start, $"Key '{prefix}{name}' is given again: allowed is once, and line {keys[name].Line} has it.");

            var value = _events.NextNode();
            RefuseTag(value);
            readValue(name, value);
        }
    }

    /// <summary>The next entry of a list that has begun.</summary>
    public bool TryNextEntry(out ParsingEvent entry)
    {
        if (!_events.TryNextNode<SequenceEnd>(out entry))
            return false;

        RefuseTag(entry);
        return true;
    }

    /// <summary>One of some words, in any case.</summary>
    public T ReadChoice<T>(string key, ParsingEvent value, string allowed, params ReadOnlySpan<(string Word, T Value)> choices)
        where T : struct
    {
        foreach (var (word, choice) in choices)
        {
            if (word.Equals((value as Scalar)?.Value, StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        Refuse(key, value, allowed);
        return default;
    }

    public string? ReadText(string key, ParsingEvent value)
    {
        if (value is Scalar scalar && !IsNothing(value) && !string.IsNullOrWhiteSpace(scalar.Value))
            return scalar.Value;

        Refuse(key, value, "a text that is not blank");
        return null;
    }

    /// <summary>Says what is allowed in the place of a value, and passes over it.</summary>
    public void Refuse(string key, ParsingEvent value, string allowed)
    {
        var what = IsNothing(value) ? "has no value" : $"does not take {Describe(value)}";
        Add(value.Start, $"Key '{key}' {what}: allowed is {allowed}.");
        _events.Skip(value);
    }

    public void Add(Mark place, string mistake) => _mistakes.Add(new FileMistake((int)place.Line, (int)place.Column, OnOneLine(mistake)));

    public static bool IsNothing(ParsingEvent node) =>
        node is Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    private void ReadStream(IReadOnlyCollection<string> allowed, Dictionary<string, Mark> keys, Action<string, ParsingEvent> readValue)
    {
        var map = $"a map with any of {string.Join(", ", allowed)}";
        _events.Next();
        var root = _events.Next() is DocumentStart ? _events.NextNode() : null;
        if (root is null || IsNothing(root))
        {
            _mistakes.Add(new FileMistake(1, 1, $"The file is empty: allowed is {map}; {{}} stands for all defaults."));
            return;
        }

        if (root is MappingStart)
        {
            RefuseTag(root);
            ReadMap("", allowed, keys, readValue);
        }
        else
        {
            Add(root.Start, $"The file does not take {Describe(root)}: allowed is {map}.");
            _events.Skip(root);
        }

        _events.Next();
        if (_events.Next() is DocumentStart second)
            Add(second.Start, "A second document begins here: allowed is one.");
    }

    private void RefuseTag(ParsingEvent node)
    {
        if (node is NodeEvent { Tag.IsEmpty: false } tagged)
            Add(node.Start, $"Tag {Quote(tagged.Tag.Value)} is not expected: leave it out.");
    }

    private static string Describe(ParsingEvent node) => node switch
    {
        AnchorAlias alias => $"the alias {Quote($"*{alias.Value}")}",
        MappingStart => "a map",
        SequenceStart => "a list",
        Scalar { Style: ScalarStyle.Plain } scalar => Quote(scalar.Value),
        _ => $"the text {Quote(((Scalar)node).Value)}",
    };

    /// <summary>A value that is not endless, whatever is in it.</summary>
    private static string Quote(string value)
    {
        const int longest = 80;
        return value.Length <= longest ? $"'{value}'" : $"'{value[..longest]}...'";
    }

    /// <summary>Whoever quotes a value of the file: a line feed or an escape sequence in it would forge the log.</summary>
    private static string OnOneLine(string mistake)
    {
        var line = new StringBuilder(mistake.Length);
        foreach (var character in mistake)
            _ = char.IsControl(character) ? line.Append($"\\u{(int)character:X4}") : line.Append(character);

        return line.ToString();
    }
}
