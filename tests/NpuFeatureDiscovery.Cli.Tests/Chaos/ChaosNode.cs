using NpuFeatureDiscovery.Cli.Tests.Configuration;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>A node with four cards, a kubelet, the plugin and its ConfigMap, to which things happen in a random but repeatable order.</summary>
internal sealed class ChaosNode : IAsyncDisposable
{
    public const string Resource = "beta.furiosa.ai/npu";
    private const int Cards = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly HostTree _host = new();
    private readonly ConfigMapVolume _config;
    private readonly List<PluginProcess> _plugins = [];
    private readonly HashSet<int> _pulled = [];
    private readonly HashSet<int> _disabled = [];
    private readonly CardTree[] _cards;
    private readonly string[] _ids;
    private bool _isByCore;

    public ChaosNode(int seed)
    {
        Random = new Random(seed);
        _cards = [.. Enumerable.Range(0, Cards).Select(index => _host.AddWarboy(index))];
        _ids = [.. _cards.Select(card => File.ReadAllText(card.PathOf("device_uuid")).Trim())];
        _config = new ConfigMapVolume("config.yaml", Config);
        Kubelet = new FakeKubelet(PluginFolder, AnyVersion, TimeProvider.System);
    }

    public Random Random { get; }

    public FakeKubelet Kubelet { get; }

    public string PluginFolder => _folder.At("device-plugins");

    public string PluginSocket => Path.Combine(PluginFolder, "furiosa-npu");

    /// <summary>The plugin that is to be registered in the end.</summary>
    public PluginProcess Plugin => _plugins[^1];

    /// <summary>
    /// How often a device of a list that was right could not be allocated, since the kubelet lost the plugin once more, or a configuration
    /// before the last came late.
    /// </summary>
    public int AllocationsTriedAgain { get; private set; }

    private KubeletVersion AnyVersion => KubeletVersion.All[Random.Next(KubeletVersion.All.Count)];

    private string Config =>
        $"defaultPe: {(_isByCore ? "Single" : "Fusion")}\ninterval: 1\npluginDir: {PluginFolder}\n"
        + $"disabledDevices: [{string.Join(", ", _disabled.Select(card => $"{{devName: npu{card}, nodeName: npu-001}}"))}]\n";

    /// <summary>What a kubelet may give to Pods, with the card of each.</summary>
    private Dictionary<string, int> Allocatable => Enumerable.Range(0, Cards).Where(card => !_pulled.Contains(card) && !_disabled.Contains(card))
        .SelectMany(card => _isByCore ? (string[])[$"{_ids[card]}_cores_0", $"{_ids[card]}_cores_1"] : [_ids[card]], KeyValuePair.Create)
        .ToDictionary(unit => unit.Value, unit => unit.Key);

    public async Task StartAsync(CancellationToken token)
    {
        await Kubelet.StartAsync(token);
        StartPlugin();
        await UntilWellAsync(token);
    }

    /// <summary>Starts the plugin, in the place of the one before.</summary>
    public void StartPlugin() => _plugins.Add(NewPlugin("--config-file", _config.FilePath, "--node-name", "npu-001"));

    /// <summary>Starts a plugin beside the one that is to stay; for the caller to end.</summary>
    public PluginProcess StartSecond(string socketName) => NewPlugin("--plugin-dir", PluginFolder, "--socket-name", socketName);

    /// <summary>Starts a kubelet of any version.</summary>
    public Task StartKubeletAsync(CancellationToken token)
    {
        Kubelet.Version = AnyVersion;
        return Kubelet.StartAsync(token);
    }

    public async Task RestartKubeletAsync(CancellationToken token)
    {
        await Kubelet.KillAsync();
        await StartKubeletAsync(token);
    }

    /// <summary>Waits for what the kubelet that was started last knows.</summary>
    public Task UntilAsync(Func<KubeletState, bool> predicate, CancellationToken token) =>
        Kubelet.WaitForAsync(state => state.Starts == Kubelet.State.Starts && predicate(state), token);

    /// <summary>Anything may happen at any time: so what happens next is put off by a random time.</summary>
    public Task AnyTimeAsync(int atMostMilliseconds, CancellationToken token) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.NextDouble() * atMostMilliseconds), TimeProvider.System, token);

    /// <summary>Pulls a card, or puts one back.</summary>
    public void MoveCard()
    {
        var card = Random.Next(Cards);
        if (_pulled.Remove(card))
            _cards[card].Load();
        else if (_pulled.Add(card))
            _cards[card].Unload();
    }

    /// <summary>Changes the ConfigMap: other units, and perhaps a disabled card.</summary>
    public void Reconfigure()
    {
        _isByCore = Random.Next(2) == 0;
        _disabled.Clear();
        if (Random.Next(2) == 0)
            _disabled.Add(Random.Next(Cards));

        _config.Update(Config);
    }

    /// <summary>Allocates any of the devices that the kubelet knows, for as long as it is let.</summary>
    /// <exception cref="GrpcException">A call was neither answered nor refused with a reason.</exception>
    public async Task AllocateUntilAsync(CancellationToken stopped, CancellationToken token)
    {
        while (!stopped.IsCancellationRequested)
        {
            await Task.Yield();
            if (Kubelet.State.Resource(Resource).HealthyIds is not { Count: > 0 } ids)
                continue;

            try
            {
                await Kubelet.AllocateAsync(Resource, [ids[^1]], token);
            }
            catch (GrpcException exception) when (exception.StatusCode is GrpcStatusCode.InvalidArgument or GrpcStatusCode.FailedPrecondition)
            {
                // The list that it was chosen from is older than the change.
            }
        }
    }

    /// <summary>Waits until the kubelet has the plugin, its list is complete and right, and what is listed can be allocated.</summary>
    public async Task UntilWellAsync(CancellationToken token)
    {
        while (true)
        {
            var allocatable = Allocatable;
            await UntilAsync(
                state => state.Resource(Resource) is { Endpoint: "furiosa-npu", LiveStreams: > 0, IsStopped: false } resource
                    && resource.HealthyIds.ToHashSet().SetEquals(allocatable.Keys),
                token);
            if (allocatable.Count == 0 || await IsAllocatedAsync(allocatable.ElementAt(Random.Next(allocatable.Count)), token))
                return;

            AllocationsTriedAgain++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Kubelet.DisposeAsync();
        foreach (var plugin in _plugins)
            plugin.Dispose();

        _config.Dispose();
        _host.Dispose();
        _folder.Dispose();
    }

    private PluginProcess NewPlugin(params IEnumerable<string> options) => new(["device-plugin", "--root", _host.Path, .. options]);

    /// <returns>
    /// False where the kubelet has lost the plugin since it was asked for, or the plugin has only now taken over a configuration before the
    /// last: a list that is right again can be that of the one before.
    /// </returns>
    private async Task<bool> IsAllocatedAsync(KeyValuePair<string, int> unit, CancellationToken token)
    {
        try
        {
            var response = await Kubelet.AllocateAsync(Resource, [unit.Key], token);
            Assert.That(response.Envs["NPU_NPUNAME"], Is.EqualTo($"npu{unit.Value}"));
            Assert.That(response.Devices.Select(node => node.HostPath), Is.SubsetOf(_cards[unit.Value].Nodes).And.Not.Empty);
            return true;
        }
        catch (AdmissionException)
        {
            return false;
        }
        catch (GrpcException exception) when (exception.StatusCode is GrpcStatusCode.Unavailable or GrpcStatusCode.Cancelled
            or GrpcStatusCode.InvalidArgument or GrpcStatusCode.FailedPrecondition)
        {
            return false;
        }
    }
}
