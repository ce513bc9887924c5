namespace NpuFeatureDiscovery.Testing.Kubelet;

internal sealed partial class DeviceManager
{
    /// <summary>Pods are admitted one after the other, in the kubelet's main loop.</summary>
    private readonly SemaphoreSlim _admitting = new(1);

    /// <summary>Where several will do, a kubelet takes them in the random order of Go's maps.</summary>
    private readonly Random _random = new(1);

    /// <exception cref="AdmissionException">No plugin is registered for the resource, or it is stopped.</exception>
    public PluginClient Plugin(string resourceName)
    {
        lock (_lock)
        {
            return _resources.GetValueOrDefault(resourceName) is { IsStopped: false, Endpoint: { } client }
                ? client
                : throw new AdmissionException(
                    $"No plugin is registered for '{resourceName}', or it is stopped. "
                    + $"Resources: {string.Join(", ", _resources.Keys)}.");
        }
    }

    public async Task<AdmittedPod> AdmitAsync(
        string resourceName, int count, Func<int> nextNumber, CancellationToken cancellationToken)
    {
        await _admitting.WaitAsync(cancellationToken);
        try
        {
            var client = Plugin(resourceName);
            var free = Free(resourceName, count);
            var preferred = client.Options.GetPreferredAllocationAvailable
                ? await client.GetPreferredAllocationAsync(free, [], count, cancellationToken)
                : [];
            var chosen = Choose(free, preferred, count);
            var response = await AllocateAsync(client, resourceName, chosen, cancellationToken);
            var pod = new AdmittedPod(nextNumber(), resourceName, [.. chosen], response);
            lock (_lock)
                WriteCheckpoint(state => state with { Pods = [.. state.Pods, pod] });

            return pod;
        }
        finally
        {
            _admitting.Release();
        }
    }

    public void Readmit(AdmittedPod pod)
    {
        lock (_lock)
        {
            var healthy = _resources.GetValueOrDefault(pod.ResourceName)?.Healthy;
            if (_version.ChecksHealthBeforeReuse && healthy?.IsSupersetOf(pod.DeviceIds) is not true)
            {
                throw new AdmissionException(
                    $"Devices {string.Join(", ", pod.DeviceIds)} of '{pod.ResourceName}', which the pod had before, "
                    + "are not all healthy.");
            }
        }
    }

    private string[] Free(string resourceName, int count)
    {
        lock (_lock)
        {
            var entry = Entry(resourceName);
            var taken = _board.State.Pods.Where(pod => pod.ResourceName == resourceName).SelectMany(pod => pod.DeviceIds);
            string[] free = [.. entry.Healthy.Except(taken).Except(entry.Leaked)];
            return free.Length >= count
                ? free
                : throw new AdmissionException($"{count} of '{resourceName}' are requested, {free.Length} are available.");
        }
    }

    private string[] Choose(string[] free, IReadOnlyList<string> preferred, int count)
    {
        string[] wanted = [.. preferred.Intersect(free)];
        if (wanted.Length > count)
            _random.Shuffle(wanted);

        string[] others = [.. free.Except(wanted)];
        _random.Shuffle(others);
        return [.. wanted.Concat(others).Take(count)];
    }

    private async Task<ContainerResponse> AllocateAsync(
        PluginClient client, string resourceName, string[] ids, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContainerResponse> responses;
        try
        {
            responses = await client.AllocateAsync([ids], cancellationToken);
        }
        catch
        {
            // What is taken is counted anew, which also finds what had leaked.
            lock (_lock)
                Entry(resourceName).Leaked.Clear();

            throw;
        }

        if (responses is [var first, ..])
            return first;

        lock (_lock)
            Entry(resourceName).Leaked.UnionWith(ids);

        throw new AdmissionException($"Allocate of '{resourceName}' answered for no container.");
    }
}
