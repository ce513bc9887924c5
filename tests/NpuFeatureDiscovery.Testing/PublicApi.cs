using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace NpuFeatureDiscovery.Testing;

/// <summary>
/// Prints what a library lets others see, a line a member, in ordinal order. What the compiler adds to records is left out.
/// </summary>
public static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Print(Assembly assembly) => string.Concat(assembly.GetExportedTypes()
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => $"{Kind(type)} {type.Namespace}.{TypeName.Of(type)}{Bases(type)}\n{string.Concat(Members(type))}"));

    private static string Kind(Type type) => type switch
    {
        { IsInterface: true } => "interface",
        { IsEnum: true } => "enum",
        { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + Record(type) + "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + Record(type) + "class",
    };

    private static string Record(Type type) => type.GetMethod("PrintMembers", Declared) is null ? "" : "record ";

    private static string Bases(Type type)
    {
        if (type.IsEnum)
            return type.GetEnumUnderlyingType() == typeof(int) ? "" : $" : {TypeName.Of(type.GetEnumUnderlyingType())}";

        var own = type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(@interface => @interface.IsVisible)
            .Select(TypeName.Of).Order(StringComparer.Ordinal);
        var bases = type.BaseType is { } @base && @base != typeof(object) && @base != typeof(ValueType)
            ? own.Prepend(TypeName.Of(@base))
            : own;
        return bases.Any() ? " : " + string.Join(", ", bases) : "";
    }

    private static IEnumerable<string> Members(Type type) => type.IsEnum
        ? Enum.GetValues(type).Cast<object>().Select(value => $"  {value} = {Enum.Format(type, value, "d")}\n")
        : type.GetMembers(Declared).Select(Member).OfType<string>().Order(StringComparer.Ordinal).Select(line => $"  {line}\n");

    private static string? Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsVisible(constructor) =>
            $"{Modifiers(constructor)}{constructor.DeclaringType!.Name}({Parameters(constructor)})",
        MethodInfo method when IsVisible(method) && !IsAccessor(method) && !method.IsDefined(typeof(CompilerGeneratedAttribute)) =>
            $"{Modifiers(method)}{TypeName.Of(method.ReturnParameter)} {method.Name}"
            + $"{TypeName.Arguments(method.GetGenericArguments().Select(TypeName.Of))}({Parameters(method)})",
        PropertyInfo property when property.GetAccessors(nonPublic: true).FirstOrDefault(IsVisible) is { } accessor =>
            $"{Modifiers(accessor)}{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}{TypeName.Of(property)} "
            + (property.GetIndexParameters() is { Length: > 0 } index ? $"this[{string.Join(", ", index.Select(Parameter))}]" : property.Name)
            + $" {{ {Accessor(property.GetMethod, "get; ")}{Accessor(property.SetMethod, IsInit(property) ? "init; " : "set; ")}}}",
        FieldInfo { IsPublic: true, IsSpecialName: false } field =>
            (field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : ""))
            + $"{TypeName.Of(field)} {field.Name}{(field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "")}",
        EventInfo { AddMethod: { } add } @event when IsVisible(add) =>
            $"{Modifiers(add)}event {TypeName.Of(@event.EventHandlerType!)} {@event.Name}",
        _ => null,
    };

    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Modifiers(MethodBase method) =>
        (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "")
        + (method is { IsVirtual: true, IsFinal: false, DeclaringType: { IsSealed: false, IsInterface: false } }
            ? method.IsAbstract ? "abstract " : "virtual "
            : "");

    private static string Accessor(MethodInfo? accessor, string text) => accessor is not null && IsVisible(accessor) ? text : "";

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        // [NotNullWhen(true)] and the like, which tell a caller's compiler about null.
        var attributes = parameter.CustomAttributes
            .Where(attribute => attribute.AttributeType.Namespace == "System.Diagnostics.CodeAnalysis")
            .Select(attribute => $"[{attribute.AttributeType.Name[..^"Attribute".Length]}"
                + $"({string.Join(", ", attribute.ConstructorArguments.Select(argument => Literal(argument.Value)))})] ");
        var isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        return string.Concat(attributes)
            + (parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : isParams ? "params " : "")
            + $"{TypeName.Of(parameter)} {parameter.Name}"
            + (parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue)}" : "");
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
