using System.Reflection;

namespace NpuFeatureDiscovery.Testing;

/// <summary>Types as C# writes them, without their namespaces, and with '?' where null is allowed.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
    };

    public static string Of(Type type) => Of(type, nullability: null);

    public static string Of(ParameterInfo parameter) => Of(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    public static string Of(PropertyInfo property) => Of(property.PropertyType, new NullabilityInfoContext().Create(property));

    public static string Of(FieldInfo field) => Of(field.FieldType, new NullabilityInfoContext().Create(field));

    /// <summary>The names of type arguments in their brackets; nothing where there are none.</summary>
    public static string Arguments(IEnumerable<string> names) => names.Any() ? $"<{string.Join(", ", names)}>" : "";

    private static string Of(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
            return Of(type.GetElementType()!, nullability);

        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying) + "?";

        var mark = nullability?.ReadState == NullabilityState.Nullable && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[]{mark}";

        if (Keywords.TryGetValue(type, out var keyword))
            return keyword + mark;

        var declaring = type.IsNested && !type.IsGenericParameter ? Of(type.DeclaringType!) + "." : "";
        var arguments = type.GetGenericArguments()
            .Select((argument, index) => Of(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(index)));
        return declaring + type.Name.Split('`')[0] + Arguments(arguments) + mark;
    }
}
