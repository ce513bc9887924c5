using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Deploy.Tests.Manifests;
using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Helm;

/// <summary>The Helm chart of <c>deploy/</c>, as a real helm takes it.</summary>
internal static class Chart
{
    public const string Folder = "deploy/helm/npu-feature-discovery";

    public const string Hook = "helm.sh/hook";

    /// <summary>What Helm puts on every object and kustomize does not.</summary>
    private static readonly string[] LabelsOfHelm = ["app.kubernetes.io/managed-by", "helm.sh/chart"];

    /// <summary>Runs helm, which need not succeed; skips the test where there is none.</summary>
    public static async Task<ProgramResult> HelmAsync(string arguments, CancellationToken token)
    {
        var result = await TheProgram.ShellAsync($"command -v helm >/dev/null || exit 77; helm {arguments}", token);
        if (result.ExitCode == 77)
            Assert.Ignore("This test needs helm, 3.8 or later.");

        return result;
    }

    /// <summary>Renders the chart, with no cluster and with values as <c>--set</c> takes them.</summary>
    public static Task<ProgramResult> TemplateAsync(string values, CancellationToken token) =>
        HelmAsync($"template npu {Folder} --namespace kube-system --set '{values}'", token);

    /// <summary>The objects of the release, and those that are there during its deletion alone.</summary>
    public static async Task<ILookup<bool, YamlNode>> RenderAsync(string values, CancellationToken token)
    {
        var result = await TemplateAsync(values, token);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        return YamlFile.Parse(result.Output).ToLookup(made => made.Text("metadata", "annotations", Hook) is not null);
    }

    /// <summary>The objects by kind and name, each as JSON with its keys in order and without what Helm adds.</summary>
    public static Dictionary<string, JsonNode> Plain(IEnumerable<YamlNode> objects) =>
        objects.ToDictionary(made => $"{(string?)made["kind"]}/{Overlay.NameOf(made)}", Plain);

    private static JsonNode Plain(YamlNode made)
    {
        var plain = Sorted(YamlJson.Convert(made))!;
        var metadata = plain["metadata"]!.AsObject();
        foreach (var label in LabelsOfHelm)
            (metadata["labels"] as JsonObject)?.Remove(label);
        if (metadata["labels"] is JsonObject { Count: 0 })
            metadata.Remove("labels");
        // kustomize takes this kind for one that has a namespace.
        if (((string?)plain["kind"])!.StartsWith("ValidatingAdmissionPolicy", StringComparison.Ordinal))
            metadata.Remove("namespace");

        return plain;
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
