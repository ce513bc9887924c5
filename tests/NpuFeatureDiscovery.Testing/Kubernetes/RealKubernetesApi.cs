using System.Diagnostics;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>
/// The API server that <c>KUBECONFIG</c> names, used by kubectl. What it makes has a name of its own and is deleted in the end; it
/// labels no Node but those that it makes, which are objects without a machine.
/// </summary>
public sealed class RealKubernetesApi : IKubernetesServer
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _kubeconfig;
    private readonly List<string> _made = [];
    private readonly CancellationToken _cancellationToken;
    private int _count;

    private RealKubernetesApi(string kubeconfig, CancellationToken cancellationToken)
    {
        (_kubeconfig, _cancellationToken) = (kubeconfig, cancellationToken);
        Admin = KubernetesConfiguration.FromKubeconfig([kubeconfig]);
    }

    /// <summary>Why there is no such server; null where there is.</summary>
    public static string? Missing => Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } path && File.Exists(path)
        ? null
        : "KUBECONFIG names no file: this test needs a real API server, and the rights of its administrator.";

    public KubernetesConfiguration Admin { get; }

    public string TestNamespace { get; } = $"kube-test-{Guid.NewGuid().ToString()[..8]}";

    public static async Task<RealKubernetesApi> StartAsync(CancellationToken cancellationToken)
    {
        var server = new RealKubernetesApi(Environment.GetEnvironmentVariable("KUBECONFIG")!, cancellationToken);
        await server.MakeAsync("namespace", server.TestNamespace, new JsonObject());
        return server;
    }

    public string NewNodeName()
    {
        var name = NewName();
        _made.Add($"node/{name}");
        return name;
    }

    public async Task<KubernetesConfiguration> AddAccountAsync(params ApiRule[] rules)
    {
        var name = NewName();
        await KubectlAsync($"create serviceaccount {name} -n {TestNamespace}");
        await MakeAsync("clusterrole", name, new JsonObject
        {
            ["rules"] = new JsonArray([.. rules.Select(rule => (JsonNode)new JsonObject
            {
                ["apiGroups"] = new JsonArray(rule.Group),
                ["resources"] = new JsonArray(rule.Resource),
                ["verbs"] = new JsonArray([.. rule.Verbs.Select(verb => (JsonNode)verb)]),
            })]),
        });
        await KubectlAsync($"create clusterrolebinding {name} --clusterrole={name} --serviceaccount={TestNamespace}:{name}");
        _made.Add($"clusterrolebinding/{name}");
        return await LogInAsync(name);
    }

    /// <summary>Applies manifests, which hold one service account in <see cref="TestNamespace"/>, and logs in as that.</summary>
    public async Task<KubernetesConfiguration> AddAccountAsync(string manifests)
    {
        const string account = "serviceaccount/";
        var made = (await KubectlAsync("apply -o name -f -", manifests)).Split('\n');
        // What is in the namespace goes with it.
        _made.AddRange(made.Where(name => name.StartsWith("cluster", StringComparison.Ordinal)));
        return await LogInAsync(made.Single(name => name.StartsWith(account, StringComparison.Ordinal))[account.Length..]);
    }

    /// <summary>Reads a path that answers no JSON: <c>/metrics</c>.</summary>
    public Task<string> GetTextAsync(string path) => KubectlAsync($"get --raw {path}");

    /// <summary>Deletes all Nodes that have such a label, in one call, also when the test was cancelled.</summary>
    public Task DeleteNodesAsync(string label) =>
        KubectlAsync($"delete --raw /api/v1/nodes?labelSelector={Uri.EscapeDataString(label)}", mayBeCancelled: false);

    public async Task AddNodeFeaturesAsync()
    {
        await KubectlAsync("apply -f -", NodeFeatureDefinition.Json);
        await KubectlAsync($"wait --for=condition=Established crd/{NodeFeatureDefinition.Name} --timeout=30s");
    }

    /// <summary>Serves NodeFeature objects no longer, once all tests are over.</summary>
    public static async Task RemoveNodeFeaturesAsync(CancellationToken cancellationToken)
    {
        await using var server = new RealKubernetesApi(Environment.GetEnvironmentVariable("KUBECONFIG")!, cancellationToken);
        server._made.Add($"crd/{NodeFeatureDefinition.Name}");
    }

    public async ValueTask DisposeAsync()
    {
        await KubectlAsync($"delete --ignore-not-found --wait=false {string.Join(' ', _made)}", mayBeCancelled: false);
        _folder.Dispose();
    }

    private string NewName() => $"{TestNamespace}-{++_count}";

    private async Task<KubernetesConfiguration> LogInAsync(string name)
    {
        // 'kubectl create token' is of 1.24.
        var request = """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}""";
        var answer = await KubectlAsync($"create --raw /api/v1/namespaces/{TestNamespace}/serviceaccounts/{name}/token -f -", request);
        var kubeconfig = _folder.At($"{name}.kubeconfig");
        File.Copy(_kubeconfig, kubeconfig);
        var token = (string)JsonNode.Parse(answer)!["status"]!["token"]!;
        await KubectlAsync($"config set-credentials {name} --token={token} --kubeconfig={kubeconfig}");
        await KubectlAsync($"config set-context --current --user={name} --namespace={TestNamespace} --kubeconfig={kubeconfig}");
        return KubernetesConfiguration.FromKubeconfig([kubeconfig]);
    }

    private async Task MakeAsync(string kind, string name, JsonObject content)
    {
        content["apiVersion"] = kind == "namespace" ? "v1" : "rbac.authorization.k8s.io/v1";
        content["kind"] = kind == "namespace" ? "Namespace" : "ClusterRole";
        content["metadata"] = new JsonObject { ["name"] = name };
        _made.Add($"{kind}/{name}");
        await KubectlAsync("create -f -", content.ToJsonString());
    }

    private async Task<string> KubectlAsync(string arguments, string input = "", bool mayBeCancelled = true)
    {
        var cancellationToken = mayBeCancelled ? _cancellationToken : CancellationToken.None;
        var start = new ProcessStartInfo("kubectl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!arguments.Contains("--kubeconfig=", StringComparison.Ordinal))
            start.Environment["KUBECONFIG"] = _kubeconfig;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"kubectl {arguments.Split(" --token")[0]}: {await error}");
    }
}
