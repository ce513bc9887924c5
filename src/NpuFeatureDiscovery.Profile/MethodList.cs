using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Profile;

/// <summary>
/// The list of methods: a line a type, <c>Type: method method</c>, all with the names that the JIT compiler gives them. A name stands for
/// all methods of the type that have it.
/// </summary>
internal static partial class MethodList
{
    /// <summary>A list of all that was compiled, but for what is in it anyway, and what has no name of its own.</summary>
    /// <param name="log">Lines as DOTNET_JitDisasmSummary=1 writes them.</param>
    public static IEnumerable<string> Of(IEnumerable<string> log) => log
        .Select(line => Compiled().Match(line))
        .Where(match => match.Success && !IsLeftOut(match.Groups["type"].Value, match.Groups["method"].Value))
        .Select(match => (Type: match.Groups["type"].Value, Method: match.Groups["method"].Value))
        .GroupBy(method => method.Type, method => method.Method, StringComparer.Ordinal)
        .OrderBy(type => type.Key, StringComparer.Ordinal)
        .Select(type => $"{type.Key}: {string.Join(' ', type.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}");

    /// <exception cref="FormatException">It is no line of a list.</exception>
    public static (string Type, string[] Methods) Parse(string line) => line.Split(": ") is [var type, var methods]
        ? (type, methods.Split(' '))
        : throw new FormatException($"'{line}' is not 'Type: method method'. List the methods anew by 'record'.");

    /// <summary>Stubs are made at run time, generated regular expressions are named by the folder that they were built in.</summary>
    private static bool IsLeftOut(string type, string method) =>
        type is "(dynamicClass)" || method.StartsWith("IL_STUB", StringComparison.Ordinal) || type.Contains("RegexGenerator", StringComparison.Ordinal)
        || (AssemblyFolder.IsOwn(type) && !type.Contains('[', StringComparison.Ordinal) && !method.Contains('[', StringComparison.Ordinal));

    [GeneratedRegex(@"JIT compiled (?<type>[^: ]+):(?<method>[^( ]+)\(.*\) \[", RegexOptions.CultureInvariant)]
    private static partial Regex Compiled();
}
