using Mono.Cecil;

namespace NpuFeatureDiscovery.Profile;

/// <summary>
/// Finds by their instructions the generic methods that are called with an enumeration or a value type of this project, from method to
/// method. A list by name cannot have those with enumerations.
/// </summary>
internal sealed class OwnInstances(ModuleDefinition module)
{
    private readonly Dictionary<string, MethodReference> _found = new(StringComparer.Ordinal);

    public IEnumerable<MethodReference> Found => _found.Values;

    /// <summary>Follows the calls of a method that has no type parameters.</summary>
    public void Follow(MethodDefinition method) => Follow(method, [], []);

    private void Follow(MethodDefinition method, IReadOnlyList<TypeReference> ofType, IReadOnlyList<TypeReference> ofMethod)
    {
        foreach (var operand in method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MemberReference>())
        {
            if (operand is FieldReference field)
                Add(Close(field.DeclaringType, ofType, ofMethod), field.DeclaringType.Resolve()?.Methods.FirstOrDefault(IsInitializer), []);
            else if (operand is MethodReference call)
                Add(Close(call.DeclaringType, ofType, ofMethod), call.Resolve(),
                    [.. ((call as GenericInstanceMethod)?.GenericArguments ?? []).Select(argument => AsShared(Close(argument, ofType, ofMethod)))]);
        }
    }

    private static bool IsInitializer(MethodDefinition method) => method.IsConstructor && method.IsStatic;

    private void Add(TypeReference owner, MethodDefinition? method, TypeReference[] arguments)
    {
        TypeReference[] ofOwner = [.. (owner as GenericInstanceType)?.GenericArguments ?? []];
        if (method is not { HasBody: true } || !ofOwner.Concat(arguments).Any(IsCounted))
            return;

        var instance = Instance.Of(module.ImportReference(method), owner, arguments);
        if (_found.TryAdd(instance.FullName, instance))
            Follow(method, ofOwner, arguments);
    }

    private static bool IsCounted(TypeReference type) => type is GenericInstanceType generic
        ? generic.GenericArguments.Any(IsCounted)
        : type is not ArrayType && !Canonical.Is(type) && type.Resolve() is { IsValueType: true } value
            && (value.IsEnum || AssemblyFolder.IsOwn(value.Module));

    /// <summary>A type without parameters, in which reference types are as shared code has them.</summary>
    private TypeReference Close(TypeReference type, IReadOnlyList<TypeReference> ofType, IReadOnlyList<TypeReference> ofMethod) => type switch
    {
        GenericParameter { Type: GenericParameterType.Method } parameter => ofMethod[parameter.Position],
        GenericParameter parameter => ofType[parameter.Position],
        GenericInstanceType generic => CloseArguments(generic, ofType, ofMethod),
        IModifierType modifier => Close(modifier.ElementType, ofType, ofMethod),
        ArrayType array => new ArrayType(Close(array.ElementType, ofType, ofMethod), array.Rank),
        // Of which there are no instances.
        TypeSpecification other => Close(other.ElementType, ofType, ofMethod),
        _ => module.ImportReference(type),
    };

    private GenericInstanceType CloseArguments(
        GenericInstanceType type, IReadOnlyList<TypeReference> ofType, IReadOnlyList<TypeReference> ofMethod)
    {
        var closed = new GenericInstanceType(module.ImportReference(type.ElementType));
        foreach (var argument in type.GenericArguments)
            closed.GenericArguments.Add(AsShared(Close(argument, ofType, ofMethod)));

        return closed;
    }

    private TypeReference AsShared(TypeReference type) =>
        type is not ArrayType && (Canonical.Is(type) || type.IsPrimitive || type.Resolve() is { IsValueType: true }) ? type : Canonical.In(module);
}
