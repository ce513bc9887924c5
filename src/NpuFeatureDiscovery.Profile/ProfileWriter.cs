using Mono.Cecil;
using Mono.Cecil.Cil;

namespace NpuFeatureDiscovery.Profile;

/// <summary>
/// Writes a profile in the format that crossgen2 reads (.mibc): an assembly whose methods name those that are to be compiled, by the
/// assemblies that have to be there for it.
/// https://github.com/dotnet/runtime/blob/main/src/coreclr/tools/dotnet-pgo/dotnet-pgo-experiment.md
/// </summary>
internal sealed class ProfileWriter
{
    private readonly AssemblyFolder _assemblies;
    private readonly ModuleDefinition _module;
    private readonly Dictionary<string, MethodReference> _methods = new(StringComparer.Ordinal);

    public ProfileWriter(AssemblyFolder assemblies)
    {
        _assemblies = assemblies;
        _module = ModuleDefinition.CreateModule(
            "profile", new ModuleParameters { Kind = ModuleKind.Dll, AssemblyResolver = assemblies.Resolver });
        _module.AssemblyReferences.Clear();
    }

    public int Count => _methods.Count;

    /// <summary>Every method of this project, and with it every generic one that is called with an enumeration of its own.</summary>
    public void AddOwnMethods()
    {
        var instances = new OwnInstances(_module);
        foreach (var type in _assemblies.OwnTypes.Where(type => !type.HasGenericParameters))
        {
            foreach (var method in type.Methods.Where(method => method.HasBody && !method.HasGenericParameters))
            {
                Add(_module.ImportReference(method));
                instances.Follow(method);
            }
        }

        foreach (var instance in instances.Found)
            Add(instance);
    }

    /// <returns>How many are in no assembly.</returns>
    public int AddListed(IEnumerable<string> list)
    {
        var unknown = 0;
        foreach (var (type, methods) in list.Select(MethodList.Parse))
        {
            TypeReference[] owners = [.. new TypeNameParser(type, _assemblies, _module).ParseAll()];
            unknown += methods.Count(method => !TryAdd(owners, method));
        }

        return unknown;
    }

    public void Save(string path)
    {
        var dictionary = AddFunction("AssemblyDictionary");
        var groups = _methods.Values.GroupBy(AssembliesOf, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (var (index, group) in groups.Index())
        {
            var function = AddFunction($"Assemblies_{group.Key}_{index}");
            foreach (var method in group)
                Push(function.Body.GetILProcessor(), method);

            function.Body.GetILProcessor().Emit(OpCodes.Ret);
            dictionary.Body.GetILProcessor().Emit(OpCodes.Ldstr, group.Key);
            Push(dictionary.Body.GetILProcessor(), function);
        }

        dictionary.Body.GetILProcessor().Emit(OpCodes.Ret);
        // The same for the same program.
        _module.Mvid = Guid.Empty;
        _module.Write(path, new WriterParameters { Timestamp = 0 });
    }

    private static void Push(ILProcessor il, MethodReference method)
    {
        il.Emit(OpCodes.Ldtoken, method);
        il.Emit(OpCodes.Pop);
    }

    private MethodDefinition AddFunction(string name)
    {
        var function = new MethodDefinition(name, MethodAttributes.Public | MethodAttributes.Static, _module.TypeSystem.Void);
        _module.Types.Single(type => type.Name == "<Module>").Methods.Add(function);
        return function;
    }

    private void Add(MethodReference method) => _methods.TryAdd(method.FullName + AssembliesOf(method), method);

    private bool TryAdd(TypeReference[] owners, string name)
    {
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        List<TypeReference> arguments = [];
        if (bracket >= 0 && !new TypeNameParser(name[(bracket + 1)..], _assemblies, _module).TryParseList(out arguments))
            return false;

        var isFound = false;
        foreach (var owner in owners)
        {
            foreach (var method in owner.Resolve().Methods.Where(method => method.HasBody
                && method.GenericParameters.Count == arguments.Count && method.Name == (bracket < 0 ? name : name[..bracket])))
            {
                Add(Instance.Of(_module.ImportReference(method), owner, arguments));
                isFound = true;
            }
        }

        return isFound;
    }

    /// <summary>That of the method first, and a semicolon behind each, as the format has it.</summary>
    private static string AssembliesOf(MethodReference method)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        Collect(method.DeclaringType, names);
        foreach (var argument in (method as GenericInstanceMethod)?.GenericArguments ?? [])
            Collect(argument, names);

        var owner = method.DeclaringType.Resolve().Module.Assembly.Name.Name;
        names.Remove(owner);
        return string.Concat(names.Prepend(owner).Select(name => $"{name};"));
    }

    private static void Collect(TypeReference type, SortedSet<string> names)
    {
        if (type is GenericInstanceType instance)
        {
            foreach (var argument in instance.GenericArguments)
                Collect(argument, names);
        }

        if (type is TypeSpecification specification)
            Collect(specification.ElementType, names);
        else if (!Canonical.Is(type))
            names.Add(type.IsPrimitive ? "System.Private.CoreLib" : type.Resolve().Module.Assembly.Name.Name);
    }
}
