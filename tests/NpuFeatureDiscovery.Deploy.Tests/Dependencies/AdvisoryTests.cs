using System.Text.Json.Nodes;
using System.Xml.Linq;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Dependencies;

/// <summary>No package that we ship, or build and test with, is one that we know to be vulnerable.</summary>
public sealed class AdvisoryTests
{
    private static readonly (string Package, Version FixedIn, string Advisory)[] Advisories =
    [
        .. File.ReadLines(Repository.At("tests/NpuFeatureDiscovery.Deploy.Tests/Dependencies/advisories.txt"))
            .Where(line => !line.StartsWith('#')).Select(line => line.Split(' '))
            .Select(words => (words[0], Version.Parse(words[1]), words[2])),
    ];

    [Test]
    public void No_locked_package_is_vulnerable() => Assert.That(LockedPackages().SelectMany(Vulnerabilities), Is.Empty);

    /// <summary>The SDK publishes the patch of .NET that it brings, which is what the tests run on.</summary>
    [Test]
    public void The_runtime_that_is_published_is_not_vulnerable()
    {
        foreach (var framework in (string[])["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"])
            Assert.That(Vulnerabilities(($"{framework}.Runtime.linux-x64", $"{Environment.Version}")), Is.Empty);
    }

    [Test]
    public void A_version_before_the_mended_one_is_found() => Assert.That(
        Vulnerabilities(("newtonsoft.json", "9.0.1")), Is.EqualTo(["newtonsoft.json 9.0.1: GHSA-5crp-9r3c-p9vr, mended in 13.0.1"]));

    [Test]
    public void Restoring_asks_the_registry_for_all_packages_and_fails_for_the_least()
    {
        var properties = XDocument.Load(Repository.At("Directory.Build.props")).Descendants()
            .Where(property => !property.HasElements).ToLookup(property => property.Name.LocalName, property => property.Value);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(properties["NuGetAudit"], Is.EqualTo(["true"]));
            Assert.That(properties["NuGetAuditMode"], Is.EqualTo(["all"]));
            Assert.That(properties["NuGetAuditLevel"], Is.EqualTo(["low"]));
            Assert.That(properties["TreatWarningsAsErrors"], Is.EqualTo(["true"]));
            Assert.That(properties["NoWarn"], Has.None.Contains("NU190"));
        }
    }

    private static IEnumerable<(string Name, string Version)> LockedPackages() =>
        from folder in (string[])["src", "tests"]
        from file in Directory.EnumerateFiles(Repository.At(folder), "packages.lock.json", SearchOption.AllDirectories)
        from framework in JsonNode.Parse(File.ReadAllText(file))!["dependencies"]!.AsObject()
        from package in framework.Value!.AsObject()
        where package.Value!["resolved"] is not null
        select (package.Key, (string)package.Value!["resolved"]!);

    private static IEnumerable<string> Vulnerabilities((string Name, string Version) package) => Advisories
        .Where(advisory => advisory.Package.Equals(package.Name, StringComparison.OrdinalIgnoreCase)
            && Version.Parse(package.Version.Split('-')[0]) < advisory.FixedIn)
        .Select(advisory => $"{package.Name} {package.Version}: {advisory.Advisory}, mended in {advisory.FixedIn}");
}
