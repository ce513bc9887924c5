using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Cli.Doctor.Cluster;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics.Pods;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

/// <summary>A cluster of one Node, which doctor looks at from that Node.</summary>
internal sealed class CheckedCluster : IAsyncDisposable
{
    public const string NodeName = "node-1";
    public const string Resource = "beta.furiosa.ai/npu";
    public const string NfdNamespace = "node-feature-discovery";

    private const UnixFileMode Mode0755 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly KubernetesObjectName Node = KubernetesResource.Nodes.Named(NodeName);

    private readonly TemporaryFolder _features = new();
    private readonly CancellationToken _token;
    private readonly KubernetesClient _admin;

    private CheckedCluster(FakeKubernetesApi api, CancellationToken token)
    {
        (Api, _token) = (api, token);
        _admin = new KubernetesClient(api.Admin, TimeProvider.System);
        File.SetUnixFileMode(_features.Path, Mode0755);
    }

    public FakeKubernetesApi Api { get; }

    /// <summary>What the driver shows on the Node.</summary>
    public HostTree Host { get; } = new();

    public PodResourcesServer Kubelet { get; } = new();

    /// <summary>doctor's clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    public static async Task<CheckedCluster> StartAsync(CancellationToken token, int cards = 0)
    {
        var cluster = new CheckedCluster(await FakeKubernetesApi.StartAsync(token), token);
        for (var index = 0; index < cards; index++)
            cluster.Host.AddWarboy(index);

        return cluster;
    }

    /// <summary>A Node with two Warboys that all goes well on, with its labels put there by us.</summary>
    public static async Task<CheckedCluster> StartHealthyAsync(CancellationToken token)
    {
        var cluster = await StartAsync(token, cards: 2);
        await cluster.AddNodeAsync(capacity: 2, allocatable: 2);
        await cluster.PublishOnNodeAsync();
        return cluster;
    }

    public Task AddNodeAsync(int? capacity = null, int? allocatable = null, string ready = "True", JsonObject? spec = null) =>
        _admin.ApplyAsync(Node, new JsonObject
        {
            ["spec"] = spec ?? [],
            ["status"] = new JsonObject
            {
                ["nodeInfo"] = new JsonObject { ["kubeletVersion"] = "v1.20.2" },
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Ready",
                    ["status"] = ready,
                    ["reason"] = "KubeletNotReady",
                    ["message"] = "PLEG is not healthy",
                }),
                ["capacity"] = Amounts(capacity),
                ["allocatable"] = Amounts(allocatable),
            },
        }, "kubelet", false, _token);

    /// <summary>Changes what the kubelet tells of a resource.</summary>
    public Task OfferAsync(string resource, int capacity, int allocatable) => _admin.MergePatchAsync(Node, new JsonObject
    {
        ["status"] = new JsonObject
        {
            ["capacity"] = new JsonObject { [resource] = $"{capacity}" },
            ["allocatable"] = new JsonObject { [resource] = $"{allocatable}" },
        },
    }, "kubelet", _token);

    /// <summary>Sets a label, or removes it, as a person or a tool does.</summary>
    public Task LabelAsync(string key, string? value, string by) => PatchAsync("labels", key, value, by);

    public Task AnnotateAsync(string key, string value) => PatchAsync("annotations", key, value, "nfd-master");

    /// <summary>The labels of the cards as they are now, put on the Node by our own sink.</summary>
    public async Task PublishOnNodeAsync() =>
        await new NodeSink(new NodeSinkOptions { NodeName = NodeName }, _admin).PublishAsync(Wanted(), _token);

    /// <summary>The labels of the cards as they are now, in our NodeFeature object.</summary>
    public async Task PublishObjectAsync(string @namespace = "kube-system") => await new NodeFeatureSink(
        new NodeFeatureSinkOptions { NodeName = NodeName, Namespace = @namespace }, _admin).PublishAsync(Wanted(), _token);

    /// <summary>The labels of the cards as they are now, in our feature file, which NFD had time to read.</summary>
    public async Task PublishFileAsync(TimeSpan? age = null, TimeSpan? lease = null)
    {
        await new FeatureFileSink(new FeatureFileOptions { FeaturesDirectory = _features.Path, Lease = lease }).PublishAsync(Wanted(), _token);
        File.SetLastWriteTimeUtc(FileAt("npu-feature-discovery"), DateTime.UtcNow - (age ?? TimeSpan.FromMinutes(10)));
    }

    public string FileAt(string name) => _features.At(name);

    public void WriteFile(string name, string text) => File.WriteAllText(FileAt(name), text);

    /// <summary>NFD gives the Node labels: all of the cards as they are now, or these.</summary>
    public async Task LabelByNfdAsync(params string[] labels)
    {
        var all = labels is [] ? Wanted().Labels.Select(label => label.ToString()).ToArray() : labels;
        foreach (var label in all)
            await LabelAsync(label.Split('=')[0], label.Split('=')[1], "nfd-master");

        await AnnotateAsync("nfd.node.kubernetes.io/feature-labels", string.Join(',', all.Select(label => label.Split('=')[0])));
    }

    /// <summary>The object that nfd-worker has for its Node, with what it read of the feature files.</summary>
    public async Task AddWorkerAsync(string version, params string[] labels)
    {
        await Api.AddNodeFeaturesAsync();
        await AddNodeFeatureAsync(NfdNamespace, NodeName, version, labels);
    }

    public Task AddNodeFeatureAsync(string @namespace, string name, string? workerVersion, params string[] labels) => _admin.ApplyAsync(
        NodeFeatureSink.Resource.Named(name, @namespace), new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { ["nfd.node.kubernetes.io/node-name"] = NodeName },
                ["annotations"] = workerVersion is null ? [] : new JsonObject { ["nfd.node.kubernetes.io/worker.version"] = workerVersion },
            },
            ["spec"] = new JsonObject
            {
                ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Split('=')[0], (JsonNode?)label.Split('=')[1]))),
            },
        }, "nfd-worker", false, _token);

    /// <summary>A Pod, with what its specification and status have besides.</summary>
    public Task AddPodAsync(string name, int npus, string phase, JsonObject? spec = null, JsonObject? status = null, string resource = Resource)
    {
        spec ??= [];
        if (phase != "Pending")
            spec["nodeName"] = NodeName;
        spec["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "npu",
            ["image"] = spec["image"]?.DeepClone() ?? "busybox:1",
            ["resources"] = new JsonObject { ["requests"] = npus == 0 ? [] : new JsonObject { [resource] = $"{npus}" } },
        });
        status ??= [];
        status["phase"] = phase;
        return _admin.ApplyAsync(
            KubernetesResource.Pods.Named(name, "default"), new JsonObject { ["spec"] = spec, ["status"] = status }, "kubectl", false, _token);
    }

    public LabelSet Wanted() => LabelEngine.Create(Read(), new LabelOptions());

    /// <summary>What doctor finds: a line each, with why and what to do.</summary>
    public async Task<string[]> DoctorAsync(KubernetesConfiguration? account = null, string nodeName = NodeName)
    {
        using var context = Context(new KubernetesClient(account ?? Api.Admin, TimeProvider), nodeName);
        return await DoctorAsync(context);
    }

    public async Task<string[]> DoctorAsync(DoctorContext context)
    {
        var findings = await new ClusterCheck(context).RunAsync(_token);
        string[] lines = [.. findings.Select(finding =>
            $"{finding.Level} {finding.Check}: {finding.What}{(finding.Why is null ? "" : $" | {finding.Why}")}"
            + (finding.Remedy is null ? "" : $" -> {finding.Remedy}"))];
        foreach (var line in lines.Where(line => !line.StartsWith("Ok")))
            await TestContext.Out.WriteLineAsync(line);

        return lines;
    }

    public DoctorContext Context(KubernetesClient? client, string nodeName = NodeName, string? noClient = null) => new()
    {
        Root = Host.Root,
        Node = Read(),
        IsContainer = false,
        NodeName = nodeName,
        Folders = new DoctorFolders
        {
            Features = _features.Path,
            FeatureFileName = FeatureFileOptions.DefaultFileName,
            Plugins = "/none",
            Registry = "/none",
            PodResources = Kubelet.SocketPath,
            Cdi = [],
        },
        Resources = [.. new PodResourcesOptions().Resources],
        Kubernetes = client,
        NoKubernetes = noClient,
        Environment = _ => null,
        TimeProvider = TimeProvider,
    };

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await Kubelet.DisposeAsync();
        await Api.DisposeAsync();
        Host.Dispose();
        _features.Dispose();
    }

    private NodeSnapshot Read()
    {
        using var reader = new NodeReader(Host.Root);
        return reader.Read();
    }

    private Task<JsonElement> PatchAsync(string part, string key, string? value, string manager) => _admin.MergePatchAsync(
        Node, new JsonObject { ["metadata"] = new JsonObject { [part] = new JsonObject { [key] = value } } }, manager, _token);

    private static JsonObject Amounts(int? npus) => npus is null ? [] : new JsonObject { [Resource] = $"{npus}" };
}
