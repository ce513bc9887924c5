using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests;

public sealed partial class ReadmeTests
{
    [TestCase("nfd/README.md")]
    [TestCase("samples/workloads/README.md")]
    public void Its_links_and_the_files_of_its_commands_are_there(string file)
    {
        var text = File.ReadAllText(Repository.At(file));
        var links = Links().Matches(text)
            .Select(match => Path.Combine(Path.GetDirectoryName(Repository.At(file))!, match.Groups[1].Value));
        var files = Files().Matches(text).Select(match => Repository.At(match.Groups[1].Value)).ToArray();

        Assert.That(files, Is.Not.Empty);
        Assert.That(links.Concat(files), Is.All.Exist);
    }

    [TestCase("nfd")]
    [TestCase("samples/workloads")]
    public void It_tells_of_every_file_of_its_folder(string folder)
    {
        var text = File.ReadAllText(Repository.At($"{folder}/README.md"));
        var links = Links().Matches(text).Select(match => match.Groups[1].Value);
        var files = Directory.EnumerateFiles(Repository.At(folder)).Select(Path.GetFileName);

        Assert.That(files, Is.SubsetOf([.. links, "README.md"]));
    }

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex Links();

    [GeneratedRegex(@" -f (\S+)")]
    private static partial Regex Files();
}
