using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>A Node of the test's own, and what its administrator and others do to it.</summary>
internal sealed class OnTheNode : IDisposable
{
    private readonly KubernetesClient _admin;
    private readonly KubernetesObjectName _node;
    private readonly CancellationToken _token;

    private OnTheNode(IKubernetesServer server, CancellationToken token)
    {
        _admin = new KubernetesClient(server.Admin, TimeProvider.System);
        _node = KubernetesResource.Nodes.Named(server.NewNodeName());
        _token = token;
    }

    public string Name => _node.Name;

    public KubernetesClient Admin => _admin;

    public static async Task<OnTheNode> CreateAsync(IKubernetesServer server, CancellationToken token)
    {
        var node = new OnTheNode(server, token);
        await node.CreateAsync();
        return node;
    }

    public static OnTheNode Unknown(IKubernetesServer server, CancellationToken token) => new(server, token);

    public Task CreateAsync() => TestNode.CreateAsync(_admin, _node, _token);

    public Task DeleteAsync() => _admin.DeleteAsync(_node, _token);

    public async Task<bool> ExistsAsync()
    {
        try
        {
            await _admin.GetAsync(_node, _token);
            return true;
        }
        catch (KubernetesException exception) when (exception.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    public async Task<string[]> LabelsAsync() => Members(await _admin.GetAsync(_node, _token), "labels");

    /// <summary>Whom the API server knows as holders of a label.</summary>
    public async Task<string[]> HoldersOfAsync(string key)
    {
        var metadata = (await _admin.GetAsync(_node, _token)).GetProperty("metadata");
        return metadata.TryGetProperty("managedFields", out var managers)
            ? [.. managers.EnumerateArray().Where(manager => manager.GetRawText().Contains($"\"f:{key}\""))
                .Select(manager => manager.GetProperty("manager").GetString()!)]
            : [];
    }

    /// <summary>Sets a label, or removes it, as kubectl does.</summary>
    public Task LabelAsync(string key, string? value, string by = "kubectl-edit") => PatchAsync("labels", key, value, by);

    /// <summary>Makes Node Feature Discovery know labels as its own, and sets those that are given with a value.</summary>
    public async Task AdoptByNfdAsync(params string[] labels)
    {
        foreach (var label in labels.Where(label => label.Contains('=')))
            await PatchAsync("labels", label.Split('=')[0], label.Split('=')[1], "nfd-master");

        await PatchAsync("annotations", "nfd.node.kubernetes.io/feature-labels", string.Join(',', labels.Select(label => label.Split('=')[0])), "nfd-master");
    }

    /// <summary>Node Feature Discovery leaves the Node, and takes its labels along.</summary>
    public async Task RemoveNfdAsync(params string[] keys)
    {
        foreach (var key in keys)
            await PatchAsync("labels", key, null, "nfd-master");

        await PatchAsync("annotations", "nfd.node.kubernetes.io/feature-labels", null, "nfd-master");
    }

    /// <summary>Makes the NodeFeature object that nfd-worker has for its Node.</summary>
    public Task AddNfdWorkerAsync(string @namespace, string version) => _admin.ApplyAsync(WorkerOf(@namespace), new JsonObject
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["nfd.node.kubernetes.io/worker.version"] = version } },
        ["spec"] = new JsonObject(),
    }, "nfd-worker", false, _token);

    public Task RemoveNfdWorkerAsync(string @namespace) => _admin.DeleteAsync(WorkerOf(@namespace), _token);

    public void Dispose() => _admin.Dispose();

    private KubernetesObjectName WorkerOf(string @namespace) => Labels.Sinks.NodeFeatureSink.Resource.Named(Name, @namespace);

    private Task<JsonElement> PatchAsync(string part, string key, string? value, string manager) => _admin.MergePatchAsync(
        _node, new JsonObject { ["metadata"] = new JsonObject { [part] = new JsonObject { [key] = value } } }, manager, _token);

    private static string[] Members(JsonElement node, string name) => node.GetProperty("metadata").TryGetProperty(name, out var members)
        ? [.. members.EnumerateObject().Select(member => $"{member.Name}={member.Value}").Order(StringComparer.Ordinal)]
        : [];
}
