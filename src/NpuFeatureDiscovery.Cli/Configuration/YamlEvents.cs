using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>
/// The events of a YAML text, which anybody may have written: the only exception is <see cref="YamlException"/>, and no text
/// takes much time or stack.
/// </summary>
internal sealed class YamlEvents
{
    /// <summary>More than any sensible file has; the time that the scanner takes grows with the square of the depth.</summary>
    public const int MaxDepth = 32;

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private int _depth;

    public YamlEvents(string text)
    {
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
    }

    public ParsingEvent Next()
    {
        try
        {
            _parser.MoveNext();
        }
        // What YamlDotNet throws besides, such as for "a: [1" with "b: {" on the next line, and for "\UFFFFFFFF".
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new YamlException(_scanner.CurrentPosition, _scanner.CurrentPosition, "The text breaks off or is broken here.");
        }

        var next = _parser.Current!;
        _depth += next.NestingIncrease;
        return _depth <= MaxDepth
            ? next
            : throw new YamlException(next.Start, next.End, $"The nesting is deeper than {MaxDepth} levels.");
    }

    /// <summary>The beginning of a node, which is all of it but for a map and a list.</summary>
    public ParsingEvent NextNode() => AsNode(Next());

    /// <summary>The same, or the end of the map or list in which it would be.</summary>
    public bool TryNextNode<TEnd>(out ParsingEvent node) where TEnd : ParsingEvent
    {
        node = Next();
        return node is not TEnd && AsNode(node) is not null;
    }

    /// <summary>Passes over the rest of a node that has begun.</summary>
    public void Skip(ParsingEvent begin)
    {
        for (var depth = begin.NestingIncrease; depth > 0;)
            depth += Next().NestingIncrease;
    }

    /// <summary>YamlDotNet loses the value of an indented key without name, "  : x".</summary>
    private static ParsingEvent AsNode(ParsingEvent next) => next is Scalar or MappingStart or SequenceStart or AnchorAlias
        ? next
        : throw new YamlException(next.Start, next.End, "A key or value is missing before this.");
}
