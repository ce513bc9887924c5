using Mono.Cecil;

namespace NpuFeatureDiscovery.Profile;

/// <summary>Methods of generic types, and generic methods, with arguments.</summary>
internal static class Instance
{
    /// <param name="method">The definition's, in the module that is to name the instance.</param>
    /// <param name="owner">The type with its arguments.</param>
    /// <param name="arguments">The method's.</param>
    public static MethodReference Of(MethodReference method, TypeReference owner, IReadOnlyList<TypeReference> arguments)
    {
        var placed = method;
        if (owner is GenericInstanceType)
        {
            placed = new MethodReference(method.Name, method.ReturnType)
            {
                DeclaringType = owner,
                HasThis = method.HasThis,
                ExplicitThis = method.ExplicitThis,
                CallingConvention = method.CallingConvention,
            };
            foreach (var parameter in method.Parameters)
                placed.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
            foreach (var parameter in method.GenericParameters)
                placed.GenericParameters.Add(new GenericParameter(parameter.Name, placed));
        }

        if (arguments.Count == 0)
            return placed;

        var instance = new GenericInstanceMethod(placed);
        foreach (var argument in arguments)
            instance.GenericArguments.Add(argument);

        return instance;
    }
}
