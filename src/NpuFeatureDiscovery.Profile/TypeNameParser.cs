using Mono.Cecil;

namespace NpuFeatureDiscovery.Profile;

/// <summary>
/// Reads names such as <c>System.Span`1[char]</c>. Enumerations cannot be told from it: the JIT compiler names them by the integers that
/// they are.
/// </summary>
internal sealed class TypeNameParser(string text, AssemblyFolder assemblies, ModuleDefinition module)
{
    private int _position;

    /// <summary>The types of a whole name: several assemblies may have one of it.</summary>
    public IEnumerable<TypeReference> ParseAll()
    {
        var name = ReadName();
        if (!TryParseArguments(out var arguments))
            return [];

        return assemblies.Find(name).Where(type => type.GenericParameters.Count == arguments.Count)
            .Select(type => Make(module.ImportReference(type), arguments));
    }

    /// <summary>A list of types up to its <c>]</c>.</summary>
    /// <returns>False where one of them is not known.</returns>
    public bool TryParseList(out List<TypeReference> types)
    {
        types = [];
        var areKnown = true;
        do
        {
            if (Parse() is { } type)
                types.Add(type);
            else
                areKnown = false;
        }
        while (_position < text.Length && text[_position++] == ',');

        return areKnown;
    }

    private TypeReference? Parse()
    {
        var name = ReadName();
        var isKnown = TryParseArguments(out var arguments);
        TypeReference? type = name switch
        {
            "System.__Canon" => Canonical.In(module),
            "bool" => module.TypeSystem.Boolean,
            "char" => module.TypeSystem.Char,
            "byte" or "sbyte" or "ubyte" => name == "sbyte" ? module.TypeSystem.SByte : module.TypeSystem.Byte,
            "short" => module.TypeSystem.Int16,
            "ushort" => module.TypeSystem.UInt16,
            "int" => module.TypeSystem.Int32,
            "uint" => module.TypeSystem.UInt32,
            "long" => module.TypeSystem.Int64,
            "ulong" => module.TypeSystem.UInt64,
            "float" => module.TypeSystem.Single,
            "double" => module.TypeSystem.Double,
            "nint" => module.TypeSystem.IntPtr,
            "nuint" => module.TypeSystem.UIntPtr,
            _ => assemblies.Find(name).FirstOrDefault(type => type.GenericParameters.Count == arguments.Count) is { } found
                ? Make(module.ImportReference(found), arguments)
                : null,
        };
        for (; type is not null && text.AsSpan(_position).StartsWith("[]"); _position += 2)
            type = new ArrayType(type);

        return isKnown ? type : null;
    }

    private bool TryParseArguments(out List<TypeReference> arguments)
    {
        arguments = [];
        if (_position >= text.Length || text[_position] != '[' || text.AsSpan(_position).StartsWith("[]"))
            return true;

        _position++;
        return TryParseList(out arguments);
    }

    private string ReadName()
    {
        var end = text.AsSpan(_position).IndexOfAny('[', ']', ',');
        var name = end < 0 ? text[_position..] : text.Substring(_position, end);
        _position += name.Length;
        return name;
    }

    private static TypeReference Make(TypeReference type, List<TypeReference> arguments)
    {
        if (arguments.Count == 0)
            return type;

        var instance = new GenericInstanceType(type);
        foreach (var argument in arguments)
            instance.GenericArguments.Add(argument);

        return instance;
    }
}
