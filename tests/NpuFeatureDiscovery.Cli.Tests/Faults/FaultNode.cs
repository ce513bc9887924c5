using System.Net;
using NpuFeatureDiscovery.Cli.Tests.Configuration;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>A node with cards, a kubelet, an API server, and one agent that does all there is to do, told by a ConfigMap.</summary>
internal sealed class FaultNode : IAsyncDisposable
{
    public const string Resource = "beta.furiosa.ai/npu";
    private const string NodeName = "npu-001";

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly TemporaryFolder _folder = new();
    private readonly HostTree _host = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<AgentProcess> _agents = [];
    private readonly HashSet<int> _pulled = [];
    private readonly HashSet<int> _broken = [];
    private readonly string _output;
    private readonly string _interval;
    private readonly CardTree[] _cards;
    private readonly string[] _ids;
    private ConfigMapVolume? _config;
    private FakeKubernetesApi? _api;
    private LoopbackProxy? _proxy;
    private KubernetesClient? _admin;
    private string _kubeconfig = "";
    private string? _wantedLabels;

    /// <param name="seed">Of all that is random.</param>
    /// <param name="output">Where the labels go: <c>file</c> or <c>node</c>.</param>
    /// <param name="cards">How many there are.</param>
    /// <param name="interval">The agent's.</param>
    public FaultNode(int seed, string output, int cards = 4, string interval = "5s")
    {
        (Random, _output, _interval) = (new Random(seed), output, interval);
        _cards = [.. Enumerable.Range(0, cards).Select(index => _host.AddWarboy(index))];
        _ids = [.. Cards.Select(card => File.ReadAllText(card.PathOf("device_uuid")).Trim())];
        Kubelet = new FakeKubelet(PluginFolder, KubeletVersion.V1_20, TimeProvider.System);
        Directory.CreateDirectory(FeaturesFolder);
    }

    public Random Random { get; }

    public IReadOnlyList<CardTree> Cards => _cards;

    public FakeKubelet Kubelet { get; }

    public FakeKubernetesApi Api => _api!;

    /// <summary>Stands between the agent and the API server.</summary>
    public LoopbackProxy Proxy => _proxy!;

    public AgentProcess Agent => _agents[^1];

    /// <summary>How often an agent has asked the API server.</summary>
    public int AgentRequests => Api.Requests.Count(request => request.Account != "admin");

    public string PluginFolder => _folder.At("device-plugins");

    public string FeaturesFolder => _folder.At("features.d");

    public string FeatureFile => Path.Combine(FeaturesFolder, "npu-feature-discovery");

    /// <summary>Makes what the agent works with, and no agent yet.</summary>
    public async Task StartAsync(CancellationToken token)
    {
        await Kubelet.StartAsync(token);
        _api = await FakeKubernetesApi.StartAsync(token);
        _admin = new KubernetesClient(_api.Admin, TimeProvider.System);
        await TestNode.CreateAsync(_admin, KubernetesResource.Nodes.Named(NodeName), token);
        _proxy = new LoopbackProxy(new Uri(_api.Url));
        var account = await _api.AddAccountAsync(ApiRule.PatchNodes, new ApiRule("", "events", "create", "patch"));
        var direct = account.Source.Split(" of ")[1];
        _kubeconfig = direct + ".proxied";
        await File.WriteAllTextAsync(
            _kubeconfig, (await File.ReadAllTextAsync(direct, token)).Replace(_api.Url, $"https://127.0.0.1:{_proxy.Port}", StringComparison.Ordinal), token);
        _config = new ConfigMapVolume("agent.yaml", Config(""));
    }

    /// <summary>Starts an agent, in the place of the one before.</summary>
    /// <param name="wrapper">What it is started by, as bash reads it.</param>
    public void StartAgent(string wrapper = "") =>
        _agents.Add(new AgentProcess(_kubeconfig, wrapper, $"--root {_host.Path} --node-name {NodeName} --config-file {_config!.FilePath}"));

    /// <summary>Changes the ConfigMap: another label, and so labels that are others.</summary>
    public void Reconfigure(string label)
    {
        _config!.Update(Config($"label: [example.com/config={label}]"));
        _wantedLabels = null;
        ConfiguredLabel = label;
    }

    public string? ConfiguredLabel { get; private set; }

    /// <summary>How often it was scraped and asked to allocate by <see cref="LoadAsync"/>.</summary>
    public int Loads { get; private set; }

    /// <summary>Pulls a card of the first <paramref name="among"/>, or puts it back.</summary>
    public void MoveCard(int? card = null, int? among = null)
    {
        var moved = card ?? Random.Next(among ?? Cards.Count);
        if (_pulled.Remove(moved))
            _cards[moved] = _host.AddWarboy(moved);
        else if (_pulled.Add(moved))
            _cards[moved].Remove();

        _wantedLabels = null;
    }

    public void PutBackAll()
    {
        foreach (var card in _pulled.ToArray())
            MoveCard(card);
    }

    /// <summary>A card whose health cannot be read any more, with all else as it was.</summary>
    public async Task HangAsync(int card)
    {
        _wantedLabels = await WantedLabelsAsync();
        _broken.Add(card);
        Cards[card].Hang("alive");
    }

    public void EndHang(int card)
    {
        Cards[card].EndHang("alive", "1\n");
        _broken.Remove(card);
    }

    /// <summary>Anything may happen at any time: so what happens next is put off by a random time.</summary>
    public Task AnyTimeAsync(int atMostMilliseconds, CancellationToken token) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.NextDouble() * atMostMilliseconds), TimeProvider.System, token);

    /// <summary>Waits until all that the agent publishes is right: labels, the kubelet's list, what it is given, metrics.</summary>
    public async Task UntilWellAsync(CancellationToken token)
    {
        // Thrown here rather than waited for: an agent that has ended.
        await Agent.AddressAsync(token);
        var healthy = Enumerable.Range(0, Cards.Count).Where(card => !_pulled.Contains(card) && !_broken.Contains(card)).ToArray();
        do
        {
            await Kubelet.WaitForAsync(
                state => state.Starts == Kubelet.State.Starts
                    && state.Resource(Resource) is { Endpoint: "furiosa-npu", LiveStreams: > 0, IsStopped: false } resource
                    && resource.HealthyIds.ToHashSet().SetEquals(healthy.Select(card => _ids[card])),
                token);
        }
        while (healthy.Length > 0 && !await IsAllocatedAsync(healthy[Random.Next(healthy.Length)], token));

        var wanted = await WantedLabelsAsync();
        await UntilAsync(async () => (await LabelsAsync(token)) == wanted, token);
        await UntilAsync(
            async () => AliveCards(await ScrapeAsync(token)) is var alive && alive.Count(value => value == 1) == healthy.Length
                && alive.Length == Cards.Count - _pulled.Count,
            token);
    }

    /// <summary>What there is more of than one stream for each registration, one file, and one Event of each kind.</summary>
    public async Task<IReadOnlyList<string>> DuplicatesAsync(CancellationToken token)
    {
        var duplicates = new List<string>();
        var state = Kubelet.State;
        // On a machine that is busy a kubelet may be so late with its stream that it is told again; it then keeps both.
        var registrations = state.Registrations.Count(registration => registration.Start == state.Starts);
        if (state.Resource(Resource).LiveStreams is var streams && streams > registrations)
            duplicates.Add($"{streams} streams of {registrations} registrations");

        duplicates.AddRange(Directory.GetFiles(PluginFolder).Select(Path.GetFileName)
            .Except(["DEPRECATION", "furiosa-npu", "kubelet.sock", "kubelet_internal_checkpoint"]).Select(name => $"file {name}"));
        duplicates.AddRange(Directory.GetFiles(FeaturesFolder).Where(path => path != FeatureFile));
        duplicates.AddRange(Directory.GetDirectories(FeaturesFolder).SelectMany(Directory.GetFiles));
        var events = new List<string>();
        await foreach (var found in _admin!.ListAsync(KubernetesResource.Events, new KubernetesSelector(), token))
            events.Add($"Event {found.GetProperty("reason")} {found.GetProperty("message")}");

        duplicates.AddRange(events.GroupBy(text => text).Where(group => group.Count() > 1).Select(group => $"{group.Count()} times {group.Key}"));
        return duplicates;
    }

    /// <returns>Nothing where the agent says that it comes too late, as on a machine that is busy.</returns>
    public async Task<string> ScrapeAsync(CancellationToken token)
    {
        using var response = await _http.GetAsync(new Uri(await Agent.AddressAsync(token), "/metrics"), token);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            return "";

        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(token);
    }

    /// <summary>Allocates and scrapes for as long as it is let.</summary>
    public async Task LoadAsync(TimeSpan pause, CancellationToken stopped, CancellationToken token)
    {
        using var timer = new PeriodicTimer(pause);
        while (!stopped.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(token);
            if (Kubelet.State.Resource(Resource).HealthyIds is { Count: > 0 } ids)
                await IsAllocatedAsync(Array.IndexOf(_ids, ids[Random.Shared.Next(ids.Count)]), token);

            Assert.That(await ScrapeAsync(token), Is.Empty.Or.Contain("npu_agent_part_up"));
            Loads++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
            agent.Dispose();

        await Kubelet.DisposeAsync();
        _http.Dispose();
        _admin?.Dispose();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        if (_api is not null)
            await _api.DisposeAsync();

        _config?.Dispose();
        _host.Dispose();
        _folder.Dispose();
    }

    private string Config(string label) => $"""
        address: 127.0.0.1:0
        interval: {_interval}
        label:
          output: {_output}
          {(_output == "file" ? $"featuresDir: {FeaturesFolder}" : "events: true")}
          {label}
        devicePlugin:
          pluginDir: {PluginFolder}
        metrics:
          podResources: "off"
        """;

    private static double[] AliveCards(string metrics) => [.. metrics.Split('\n')
        .Where(line => line.StartsWith("furiosa_npu_alive{", StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]))];

    /// <summary>What the node is to be labelled with: as the program says of a host that it reads once.</summary>
    private async Task<string> WantedLabelsAsync()
    {
        if (_wantedLabels is not null && _broken.Count > 0)
            return _wantedLabels;

        var result = await CommandLine.RunAsync(
        [
            "label", "--oneshot", "--root", _host.Path, "--output", "-", "--log-level", "error",
            .. ConfiguredLabel is null ? Array.Empty<string>() : ["--label", $"example.com/config={ConfiguredLabel}"],
        ]);
        return string.Join('\n', result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    private async Task<string> LabelsAsync(CancellationToken token)
    {
        IEnumerable<string> labels;
        if (_output == "file")
            labels = File.Exists(FeatureFile) ? File.ReadAllLines(FeatureFile).Where(line => !line.StartsWith('#')) : [];
        else
        {
            var node = await _admin!.GetAsync(KubernetesResource.Nodes.Named(NodeName), token);
            labels = node.GetProperty("metadata").TryGetProperty("labels", out var found)
                ? found.EnumerateObject().Select(label => $"{label.Name}={label.Value}")
                : [];
        }

        return string.Join('\n', labels.Order(StringComparer.Ordinal));
    }

    /// <returns>False where the kubelet does not run, or has lost the plugin, or the card has gone, since it was asked for.</returns>
    private async Task<bool> IsAllocatedAsync(int card, CancellationToken token)
    {
        try
        {
            var response = await Kubelet.AllocateAsync(Resource, [_ids[card]], token);
            Assert.That(response.Envs["NPU_NPUNAME"], Is.EqualTo($"npu{card}"));
            Assert.That(response.Devices.Select(node => node.HostPath), Is.SubsetOf(Cards[card].Nodes).And.Not.Empty);
            return true;
        }
        catch (Exception exception) when (exception is AdmissionException or InvalidOperationException
            || exception is GrpcException { StatusCode: GrpcStatusCode.Unavailable or GrpcStatusCode.Cancelled or GrpcStatusCode.FailedPrecondition })
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, CancellationToken token)
    {
        using var timer = new PeriodicTimer(Glance);
        while (!await isSo())
            await timer.WaitForNextTickAsync(token);
    }
}
