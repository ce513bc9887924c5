using System.Diagnostics;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Labels.Tests.Deploy;

/// <summary>The objects that a component of <c>deploy/</c> makes.</summary>
internal sealed class Manifests
{
    private readonly YamlStream _documents;

    private Manifests(YamlStream documents) => _documents = documents;

    public IEnumerable<YamlNode> Objects => _documents.Select(document => document.RootNode);

    /// <summary>What the roles allow.</summary>
    public ApiRule[] Rules => [.. RulesOfAll.Select(rule => new ApiRule(
        Texts(rule["apiGroups"]).Single(), Texts(rule["resources"]).Single(), [.. Texts(rule["verbs"])]))];

    private IEnumerable<YamlNode> RulesOfAll => Objects.Where(made => (string?)made["kind"] is "Role" or "ClusterRole")
        .SelectMany(role => (YamlSequenceNode)role["rules"]);

    /// <summary>Reads a component and those that it is made of, as they are in the repository.</summary>
    public static Manifests Read(string component)
    {
        var documents = new YamlStream();
        foreach (var file in Files(Repository.At($"deploy/components/{component}")))
        {
            foreach (var document in Load(File.ReadAllText(file)))
                documents.Add(document);
        }

        return new Manifests(documents);
    }

    /// <summary>Makes them as a user does, with <c>kubectl kustomize</c>; skips the test where there is no kubectl.</summary>
    public static async Task<Manifests> KustomizeAsync(
        string @namespace, string nameSuffix, CancellationToken token, params IEnumerable<string> components)
    {
        using var folder = new TemporaryFolder();
        // The only paths that kustomize takes are relative.
        var paths = components.Select(component => Path.GetRelativePath(folder.Path, Repository.At($"deploy/components/{component}")));
        await File.WriteAllTextAsync(
            folder.At("kustomization.yaml"),
            $"""
            namespace: {@namespace}
            nameSuffix: "{nameSuffix}"
            components: [{string.Join(", ", paths)}]
            """, token);
        using var kubectl = Start(folder.Path);
        var error = kubectl.StandardError.ReadToEndAsync(token);
        var output = await kubectl.StandardOutput.ReadToEndAsync(token);
        await kubectl.WaitForExitAsync(token);
        return kubectl.ExitCode == 0 ? new Manifests(Load(output)) : throw new InvalidOperationException(await error);
    }

    /// <summary>Takes a verb out of the roles.</summary>
    public Manifests Without(string resource, string verb)
    {
        var rule = RulesOfAll.Single(rule => Texts(rule["resources"]).Contains(resource));
        var verbs = (YamlSequenceNode)rule["verbs"];
        Assert.That(verbs.Children.Remove(new YamlScalarNode(verb)), Is.True, $"no role has {verb} on {resource}");
        // A rule has to have a verb; this one is of no use to anyone.
        if (verbs.Children.Count == 0)
            verbs.Add("watch");

        return this;
    }

    public string ToYaml()
    {
        using var text = new StringWriter();
        _documents.Save(text, assignAnchors: false);
        return text.ToString();
    }

    public static IEnumerable<string> Texts(YamlNode sequence) => ((YamlSequenceNode)sequence).Select(text => (string?)text ?? "");

    private static Process Start(string folder)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("kubectl", ["kustomize", folder])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Assert.Ignore($"This test needs kubectl, 1.21 or later: {exception.Message}");
            throw;
        }
    }

    private static IEnumerable<string> Files(string folder)
    {
        var kustomization = Load(File.ReadAllText(Path.Combine(folder, "kustomization.yaml"))).Documents[0].RootNode;
        var names = ((YamlMappingNode)kustomization).Children;
        var components = names.TryGetValue("components", out var others) ? Texts(others) : [];
        var resources = names.TryGetValue("resources", out var own) ? Texts(own) : [];
        return components.SelectMany(other => Files(Path.GetFullPath(other, folder))).Concat(resources.Select(own => Path.Combine(folder, own)));
    }

    private static YamlStream Load(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream;
    }
}
