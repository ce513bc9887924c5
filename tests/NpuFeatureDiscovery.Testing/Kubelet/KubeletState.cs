namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>All that a <see cref="FakeKubelet"/> knows and has seen, at one moment.</summary>
public sealed record KubeletState
{
    /// <summary>Whether it runs: from the bind of its socket to its end.</summary>
    public bool IsRunning { get; init; }

    /// <summary>How often it was started.</summary>
    public int Starts { get; init; }

    /// <summary>Every registration, over all starts, in order.</summary>
    public IReadOnlyList<PluginRegistration> Registrations { get; init; } = [];

    /// <summary>Every list, over all starts, in order.</summary>
    public IReadOnlyList<DeviceList> Lists { get; init; } = [];

    /// <summary>
    /// How often the checkpoint was written: once for each list and each admitted pod. In a steady state it stands still.
    /// </summary>
    public int CheckpointWrites { get; init; }

    /// <summary>The resources that the running kubelet knows, by name; those of its checkpoint included.</summary>
    public IReadOnlyDictionary<string, KubeletResource> Resources { get; init; } = new Dictionary<string, KubeletResource>();

    /// <summary>The pods that hold devices.</summary>
    public IReadOnlyList<AdmittedPod> Pods { get; init; } = [];

    /// <summary>What a kubelet only logs, and no plugin is told: dials that failed, streams that ended.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];

    /// <summary>The <c>ListAndWatch</c> calls that are open.</summary>
    public int LiveStreams => Resources.Values.Sum(resource => resource.LiveStreams);

    /// <summary>The resource of this name; an empty one where the kubelet knows none.</summary>
    public KubeletResource Resource(string name) => Resources.GetValueOrDefault(name) ?? new KubeletResource { Name = name };

    /// <summary>The lists of one resource, over all starts, in order.</summary>
    public IEnumerable<DeviceList> ListsOf(string resourceName) => Lists.Where(list => list.ResourceName == resourceName);

    /// <summary>A summary for the message of a test that fails.</summary>
    public override string ToString()
    {
        var resources = string.Join(", ", Resources.Values.Select(resource =>
            $"{resource.Name} {resource.Allocatable}/{resource.Capacity} with {resource.LiveStreams} streams"));
        return $"{(IsRunning ? "running" : "not running")} after {Starts} starts, {Registrations.Count} registrations, "
            + $"{Lists.Count} lists, {Pods.Count} pods; resources: {resources}; log: {string.Join(" | ", Log)}";
    }
}

/// <summary>One resource as the kubelet knows it.</summary>
public sealed record KubeletResource
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The devices of the last list, of ids that are listed twice the later; all gone five minutes after a
    /// stop.</summary>
    public IReadOnlyList<PluginDevice> Devices { get; init; } = [];

    /// <summary>Whether its plugin is stopped: the stream has ended, or there was none since the kubelet's start.</summary>
    public bool IsStopped { get; init; }

    /// <summary>The file name of the socket that calls go to; <see langword="null"/> where there is none.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The <c>ListAndWatch</c> calls that are open, those to plugins that were replaced included.</summary>
    public int LiveStreams { get; init; }

    /// <summary>The ids that a pod may get, if no other has them.</summary>
    public IReadOnlyList<string> HealthyIds { get; init; } = [];

    /// <summary>What the node's status tells as capacity: all devices.</summary>
    public int Capacity => Devices.Count;

    /// <summary>What the node's status tells as allocatable: the healthy devices, none once the stream has ended.</summary>
    public int Allocatable => HealthyIds.Count;
}
