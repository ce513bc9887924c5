namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>One resource in the device manager, guarded by its lock.</summary>
internal sealed class ResourceEntry(string name)
{
    // A kubelet keeps devices by their ids.
    private readonly Dictionary<string, PluginDevice> _devices = new(StringComparer.Ordinal);
    private readonly HashSet<string> _healthy = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>The registered connections, the newest last; which streams' ends matter depends on them.</summary>
    public List<PluginClient> Clients { get; } = [];

    /// <summary>The connection that calls go to.</summary>
    public PluginClient? Endpoint { get; private set; }

    public bool IsStopped { get; private set; }

    /// <summary>Counts the stops, so that the grace time of one is not taken for that of another.</summary>
    public int Stops { get; private set; }

    public int LiveStreams { get; set; }

    public IReadOnlySet<string> Healthy => _healthy;

    /// <summary>Devices that were chosen for a pod whose <c>Allocate</c> gave no answer, and that no pod has.</summary>
    public HashSet<string> Leaked { get; } = new(StringComparer.Ordinal);

    public void Use(PluginClient client)
    {
        Endpoint = client;
        IsStopped = false;
    }

    public void Receive(IEnumerable<PluginDevice> devices)
    {
        _devices.Clear();
        _healthy.Clear();
        foreach (var device in devices)
            _devices[device.Id] = device;

        _healthy.UnionWith(_devices.Values.Where(device => device.IsHealthy).Select(device => device.Id));
    }

    public void Stop()
    {
        _healthy.Clear();
        IsStopped = true;
        Stops++;
    }

    public void Forget()
    {
        _devices.Clear();
        Endpoint = null;
    }

    public KubeletResource ToRecord() => new()
    {
        Name = name,
        Devices = [.. _devices.Values],
        HealthyIds = [.. _healthy.Order(StringComparer.Ordinal)],
        IsStopped = IsStopped,
        Endpoint = Endpoint?.Endpoint,
        LiveStreams = LiveStreams,
    };
}
