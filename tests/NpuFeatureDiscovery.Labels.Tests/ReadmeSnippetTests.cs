using System.Runtime.CompilerServices;

namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class ReadmeSnippetTests
{
    [TestCase("NpuFeatureDiscovery.Devices")]
    [TestCase("NpuFeatureDiscovery.Labels")]
    public void The_code_of_a_package_README_compiles(string package)
    {
        var compiled = Statements(File.ReadLines(ThisFolder("ReadmeSnippets.cs")));
        var readme = File.ReadLines(ThisFolder($"../../src/{package}/README.md"));

        Assert.That(Statements(CodeOf(readme)), Is.Not.Empty.And.SubsetOf(compiled));
    }

    private static IEnumerable<string> CodeOf(IEnumerable<string> readme)
    {
        var isCode = false;
        foreach (var line in readme)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isCode = line == "```csharp";
            else if (isCode)
                yield return line;
        }
    }

    private static string[] Statements(IEnumerable<string> lines) => [.. lines.Select(line => line.Trim())
        .Where(line => line.Length > 0 && !(line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=')))];

    private static string ThisFolder(string file, [CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, file);
}
