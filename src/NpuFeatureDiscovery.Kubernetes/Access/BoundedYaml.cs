using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>
/// YAML that can be made a tree of. That is built by recursion, which a deep text carries beyond the stack, and by the hash of each key,
/// which aliases of aliases make endless.
/// </summary>
internal sealed class BoundedYaml(TextReader text) : IParser
{
    private const int MaxDepth = 32;

    private readonly Parser _parser = new(text);
    private readonly Stack<Place> _places = new();

    private enum Place
    {
        InList,
        BeforeKey,
        BeforeValue,
    }

    public ParsingEvent? Current => _parser.Current;

    public bool MoveNext()
    {
        if (!_parser.MoveNext())
            return false;

        var next = _parser.Current!;
        if (next is SequenceEnd or MappingEnd)
            _places.Pop();
        else if (next is Scalar or AnchorAlias or SequenceStart or MappingStart)
            Enter(next);

        return true;
    }

    private void Enter(ParsingEvent node)
    {
        if (_places.TryPop(out var place))
        {
            if (place == Place.BeforeKey && node is not Scalar)
                throw new YamlException(node.Start, node.End, "A key is not a text.");

            _places.Push(place == Place.BeforeKey ? Place.BeforeValue : place == Place.BeforeValue ? Place.BeforeKey : place);
        }

        if (node is SequenceStart or MappingStart)
            _places.Push(node is SequenceStart ? Place.InList : Place.BeforeKey);
        if (_places.Count > MaxDepth)
            throw new YamlException(node.Start, node.End, $"The nesting is deeper than {MaxDepth} levels.");
    }
}
