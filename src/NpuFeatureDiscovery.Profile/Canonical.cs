using Mono.Cecil;

namespace NpuFeatureDiscovery.Profile;

/// <summary>The type that stands for every reference type in shared generic code.</summary>
internal static class Canonical
{
    /// <summary>Where the format of profiles looks for it.</summary>
    public const string Assembly = "System.Private.Canon";

    private const string Name = "__Canon";

    public static TypeReference In(ModuleDefinition module)
    {
        var assembly = module.AssemblyReferences.FirstOrDefault(reference => reference.Name == Assembly);
        if (assembly is null)
            module.AssemblyReferences.Add(assembly = new AssemblyNameReference(Assembly, new Version()));

        return new TypeReference("System", Name, module, assembly);
    }

    public static bool Is(TypeReference type) => type.Name == Name;
}
