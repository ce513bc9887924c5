using Mono.Cecil;

namespace NpuFeatureDiscovery.Profile;

/// <summary>The assemblies of a program, and their types by the names that the JIT compiler gives them.</summary>
internal sealed class AssemblyFolder : IDisposable
{
    private readonly DefaultAssemblyResolver _resolver = new();
    private readonly Dictionary<string, List<TypeDefinition>> _types = new(StringComparer.Ordinal);
    private readonly List<ModuleDefinition> _modules = [];

    /// <exception cref="IOException">There is no such folder, or nothing of this project in it.</exception>
    /// <exception cref="BadImageFormatException">A file of it is no assembly.</exception>
    public AssemblyFolder(string folder)
    {
        _resolver.AddSearchDirectory(folder);
        foreach (var file in Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal))
        {
            var module = Read(file);
            _modules.Add(module);
            foreach (var type in module.Types)
                Add(type, type.Namespace.Length > 0 ? $"{type.Namespace}.{type.Name}" : type.Name);
        }

        if (!_modules.Exists(IsOwn))
            throw new IOException($"'{folder}' holds no assembly of this project. Give the folder of the trimmed ones, obj/.../linked.");
    }

    public IAssemblyResolver Resolver => _resolver;

    public IEnumerable<TypeDefinition> OwnTypes => _modules.Where(IsOwn).SelectMany(module => module.GetTypes());

    /// <summary>Those of a name: each assembly has its own of some.</summary>
    public IReadOnlyList<TypeDefinition> Find(string name) => _types.GetValueOrDefault(name, []);

    /// <summary>Whether a type with this name is this project's.</summary>
    public static bool IsOwn(string type) => type.StartsWith("NpuFeatureDiscovery.", StringComparison.Ordinal) || type is "Program";

    public static bool IsOwn(ModuleDefinition module) =>
        IsOwn(module.Assembly.Name.Name) || module.Assembly.Name.Name == "npu-feature-discovery";

    public void Dispose()
    {
        foreach (var module in _modules)
            module.Dispose();

        _resolver.Dispose();
    }

    private ModuleDefinition Read(string file)
    {
        try
        {
            return ModuleDefinition.ReadModule(file, new ReaderParameters { AssemblyResolver = _resolver });
        }
        catch (BadImageFormatException exception)
        {
            throw new BadImageFormatException($"'{file}' is no assembly: {exception.Message}", exception);
        }
    }

    private void Add(TypeDefinition type, string name)
    {
        if (!_types.TryGetValue(name, out var types))
            _types[name] = types = [];

        types.Add(type);
        foreach (var nested in type.NestedTypes)
            Add(nested, $"{name}+{nested.Name}");
    }
}
