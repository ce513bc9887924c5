using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Testing;

/// <summary>The files of samples/workloads, as users find them.</summary>
public static partial class SampleWorkloads
{
    private const string Folder = "samples/workloads";

    /// <summary>The names of the YAML files.</summary>
    public static string[] Files =>
        [.. Directory.EnumerateFiles(Repository.At(Folder), "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>The Pods that the Jenkinsfile defines, without the name that Jenkins gives them, by the name of their definition.</summary>
    public static IReadOnlyDictionary<string, string> PodsOfJenkinsfile => Definitions().Matches(Read("Jenkinsfile"))
        .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    public static string Read(string file) => File.ReadAllText(Repository.At($"{Folder}/{file}"));

    [GeneratedRegex(@"^def (\w+) = '''\n(.*?)^'''$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Definitions();
}
