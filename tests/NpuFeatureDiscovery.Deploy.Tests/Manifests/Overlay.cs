using System.Collections.Concurrent;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

/// <summary>The objects that an overlay of <c>deploy/</c> makes, as <c>kubectl apply -k</c> takes them.</summary>
internal sealed class Overlay
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Overlay>>> Rendered = new();

    private Overlay(YamlNode[] objects) => Objects = objects;

    /// <summary>The overlays of the repository.</summary>
    public static string[] Names => [.. Directory.GetDirectories(Repository.At("deploy/overlays"))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public YamlNode[] Objects { get; }

    /// <summary>Kind and name of each object.</summary>
    public IEnumerable<string> Titles => Objects.Select(made => $"{(string?)made["kind"]}/{NameOf(made)}");

    public YamlNode[] DaemonSets => [.. Of("DaemonSet")];

    public IEnumerable<YamlNode> Pods => DaemonSets.Select(set => set["spec"]["template"]["spec"]);

    /// <summary>Every container with its Pod, those that run first among them.</summary>
    public (YamlNode Pod, YamlNode Container)[] Containers => [.. Pods.SelectMany(pod =>
        pod.At("initContainers").Items().Concat(pod["containers"].Items()).Select(container => (pod, container)))];

    /// <summary>What the roles allow.</summary>
    public ApiRule[] Rules => [.. Of("Role").Concat(Of("ClusterRole")).SelectMany(role => role["rules"].Items()).Select(ReadRule)];

    /// <summary>Renders an overlay once, with components on top; skips the test where there is no kubectl.</summary>
    public static Task<Overlay> RenderAsync(string name, CancellationToken token, params IReadOnlyCollection<string> components) =>
        Rendered.GetOrAdd(
            $"{name} {string.Join(' ', components)}",
            _ => new(() => RenderTextAsync(
                $"""
                namespace: kube-system
                resources: [deploy/overlays/{name}]
                components: [{string.Join(", ", components.Select(component => $"deploy/components/{component}"))}]
                """, CancellationToken.None)))
        .Value.WaitAsync(token);

    public IEnumerable<YamlNode> Of(string kind) => Objects.Where(made => (string?)made["kind"] == kind);

    public static string NameOf(YamlNode made) => (string?)made["metadata"]["name"] ?? "";

    /// <summary>Renders a kustomization whose paths count from the repository's root.</summary>
    public static async Task<Overlay> RenderTextAsync(string kustomization, CancellationToken token)
    {
        using var folder = new TemporaryFolder();
        // The only paths that kustomize takes are relative.
        var paths = Path.GetRelativePath(folder.Path, Repository.At("deploy"));
        await File.WriteAllTextAsync(
            folder.At("kustomization.yaml"), kustomization.Replace("deploy/", $"{paths}/", StringComparison.Ordinal), token);

        var result = await TheProgram.ShellAsync($"command -v kubectl >/dev/null || exit 77; kubectl kustomize {folder.Path}", token);

        if (result.ExitCode == 77)
            Assert.Ignore("This test needs kubectl, 1.22 or later.");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        return new Overlay(YamlFile.Parse(result.Output));
    }

    private static ApiRule ReadRule(YamlNode rule) => new(
        (string?)rule["apiGroups"][0] ?? "", (string?)rule["resources"][0] ?? "",
        [.. rule["verbs"].Items().Select(verb => (string?)verb ?? "")]);
}
