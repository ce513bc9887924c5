using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Image;

[CancelAfter(120_000)]
public sealed class ImageTests : IDisposable
{
    private static readonly string[] Links = ["k8s-device-plugin", "k8s-node-labeller", "npu-metrics-exporter"];

    private readonly TemporaryFolder _folder = new();

    private string Image => _folder.At("image");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task The_program_is_there_by_every_name_that_manifests_have_called_it_by(CancellationToken token)
    {
        await BuildAsync("--application-only", token);

        Assert.That(Names("usr/bin"), Is.EquivalentTo([.. Links, "npu-feature-discovery"]));
        Assert.That(Names("opt/bin"), Is.EquivalentTo(Links));
        var program = In("usr/bin/npu-feature-discovery");
        foreach (var link in Links.SelectMany(link => (string[])[$"usr/bin/{link}", $"opt/bin/{link}"]))
            Assert.That(File.ResolveLinkTarget(In(link), returnFinalTarget: true)!.FullName, Is.EqualTo(program), link);
    }

    [Test]
    public async Task The_program_finds_its_libraries_in_the_image_alone(CancellationToken token)
    {
        await BuildAsync("", token);

        // The loader of the image, told to look nowhere else.
        var result = await TheProgram.ShellAsync($"""
            cd {Image}/rootfs
            for file in usr/bin/npu-feature-discovery usr/lib/x86_64-linux-gnu/lib{"{ssl,crypto}"}.so.3; do
                lib64/ld-linux-x86-64.so.2 --inhibit-cache --library-path $PWD/usr/lib/x86_64-linux-gnu --list $file
            done
            """, token);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var found = result.Output.Split('\n').Where(line => line.Contains("=> ")).Select(line => line.Split("=> ")[1].Split(' ')[0]);
        Assert.That(found.Where(path => !path.Contains("/ld-linux")), Is.Not.Empty.And.All.StartsWith(Image));
        Assert.That(File.ReadAllText(In("usr/lib/ssl/cert.pem")), Does.Contain("BEGIN CERTIFICATE"), "where OpenSSL looks");
        Assert.That(File.ReadAllText(In("etc/passwd")), Does.Contain("nonroot:x:65532:65532:"));
    }

    [Test]
    public async Task The_bill_of_materials_names_every_package_and_library(CancellationToken token)
    {
        await BuildAsync("", token);

        var bill = JsonNode.Parse(await File.ReadAllTextAsync(_folder.At("image/bom.json"), token))!;
        var components = bill["components"]!.AsArray().Select(component => (string)component!["purl"]!).ToArray();
        var locked = JsonNode.Parse(await File.ReadAllTextAsync(Repository.At("src/NpuFeatureDiscovery.Cli/packages.lock.json"), token))!;
        foreach (var (name, package) in locked["dependencies"]!["net10.0"]!.AsObject().Where(package => IsInProgram(package)))
            Assert.That(components, Does.Contain($"pkg:nuget/{name}@{package!["resolved"]}"));

        Assert.That(components, Is.Unique);
        Assert.That(components.Where(component => component.StartsWith("pkg:nuget/")), Has.None.Match(
            "NUnit|TestPlatform|Test.Sdk|Testing|NJsonSchema|Newtonsoft|Grpc.Tools|Analyzers|ILLink"), "nothing that only builds or tests");
        foreach (var component in bill["components"]!.AsArray().Where(component => ((string)component!["purl"]!).StartsWith("pkg:nuget/")))
        {
            Assert.That((string?)component!["licenses"]?[0]?["license"]?["id"], Is.EqualTo("MIT").Or.EqualTo("BSD-3-Clause"), $"{component["name"]}");
            Assert.That((string?)component["hashes"]?[0]?["content"], Has.Length.EqualTo(128), $"SHA-512 of {component["name"]}");
        }

        Assert.That(
            bill["dependencies"]![0]!["dependsOn"]!.AsArray().Select(reference => (string)reference!),
            Is.EquivalentTo(bill["components"]!.AsArray().Select(component => (string)component!["bom-ref"]!)));

        var files = bill["components"]!.AsArray().SelectMany(component => component!["evidence"]?["occurrences"]?.AsArray() ?? [])
            .Select(occurrence => Path.GetFileName((string)occurrence!["location"]!)).ToArray();
        var libraries = Directory.EnumerateFiles(In("usr/lib/x86_64-linux-gnu")).Concat(Directory.EnumerateFiles(In("usr/lib64")));
        Assert.That(files, Is.EquivalentTo([.. libraries.Select(library => Path.GetFileName(library)), "ca-certificates.crt"]));
        Assert.That(
            ((string?)bill["bomFormat"], (string?)bill["specVersion"], (string?)bill["metadata"]!["component"]!["version"]),
            Is.EqualTo(("CycloneDX", "1.5", "0.1.0")));
    }

    [Test]
    public async Task The_same_image_has_the_same_bill(CancellationToken token)
    {
        await BuildAsync("", token);
        var first = await File.ReadAllBytesAsync(_folder.At("image/bom.json"), token);
        await BuildAsync("", token);

        Assert.That(await File.ReadAllBytesAsync(_folder.At("image/bom.json"), token), Is.EqualTo(first));
    }

    [Test]
    public async Task Nobody_but_root_may_write_into_the_image_but_to_tmp(CancellationToken token)
    {
        await BuildAsync("", token);

        var writable = Directory.EnumerateFileSystemEntries(_folder.At("image/rootfs"), "*", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path).LinkTarget is null && (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0);

        Assert.That(writable.Select(path => Path.GetRelativePath(_folder.At("image/rootfs"), path)), Is.EqualTo(["tmp"]));
        Assert.That(File.GetUnixFileMode(In("tmp")) & UnixFileMode.StickyBit, Is.EqualTo(UnixFileMode.StickyBit));
    }

    [Test]
    public void The_Dockerfile_takes_over_what_the_script_lays_out()
    {
        var dockerfile = File.ReadAllLines(Repository.At("deploy/image/Dockerfile"));

        Assert.That(dockerfile, Has.Some.StartsWith("RUN deploy/image/build --application-only"));
        foreach (var folder in (string[])["usr/bin", "opt", "etc"])
            Assert.That(dockerfile, Does.Contain($"COPY --from=build /source/artifacts/image/rootfs/{folder}/ /{folder}/"));
        Assert.That(dockerfile, Does.Contain("""ENTRYPOINT ["/usr/bin/npu-feature-discovery"]""").And.Contain("USER 65532:65532"));
        Assert.That(
            dockerfile.Last(line => line.StartsWith("FROM ", StringComparison.Ordinal)),
            Does.Contain("runtime-deps:").And.EndsWith("-chiseled"), "no shell");
    }

    [TestCase("--fast", "'--fast' is unknown")]
    [TestCase("--load", "--load needs a name")]
    public async Task A_mistake_is_told(string option, string words, CancellationToken token)
    {
        var result = await TheProgram.ShellAsync($"deploy/image/build {option}", token);

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain(words));
    }

    private async Task BuildAsync(string options, CancellationToken token)
    {
        var result = await TheProgram.ShellAsync($"deploy/image/build --executable $program --output {Image} {options}", token);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Match(@"rootfs: \d+\.\d MB, compressed \d+\.\d MB"));
    }

    private string In(string path) => _folder.At($"image/rootfs/{path}");

    private IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(In(folder)).Select(file => Path.GetFileName(file));

    /// <summary>Neither a project nor what only the build uses.</summary>
    private static bool IsInProgram(KeyValuePair<string, JsonNode?> package) => package.Value!["resolved"] is not null
        && package.Key is not ("Grpc.Tools" or "Microsoft.CodeAnalysis.BannedApiAnalyzers" or "Microsoft.NET.ILLink.Tasks");
}
