using System.Globalization;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Allocation;

namespace NpuFeatureDiscovery.DevicePlugin.Resources;

/// <summary>
/// Asks an allocator on the kubelet's behalf, and answers whatever comes of it, in bounded time. The kubelet does the accounting, by a
/// list that may be older than ours: so each id is looked at again. The same ids may be asked for again, for the next container of a
/// Pod.
/// </summary>
internal sealed partial class DeviceAllocations(
    string resource, DeviceFeed feed, IDeviceAllocator allocator, TimeSpan deadline, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>For advice, without which the kubelet gets the default.</summary>
    public static readonly TimeSpan PreferenceDeadline = TimeSpan.FromSeconds(1);

    private const int MaxNamed = 8;

    /// <param name="requests">The ids for each container.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One for each container.</returns>
    /// <exception cref="AllocationException">One of the devices cannot be given; none is then.</exception>
    public async Task<IReadOnlyList<ContainerAllocation>> AllocateAsync(
        IReadOnlyList<IReadOnlyList<string>> requests, CancellationToken cancellationToken)
    {
        var containers = Resolve(requests);
        // Not disposed, which would end it before those that it is to tell are told; it holds nothing.
        var ending = new CancellationTokenSource();
        // On another thread, since an allocator may block, and over all containers: one call, one deadline.
        var allocating = Task.Run(() => AllocateAllAsync(containers, ending.Token), CancellationToken.None);
        try
        {
            return await allocating.WaitAsync(deadline, timeProvider, cancellationToken);
        }
        catch (TimeoutException) when (!allocating.IsCompleted)
        {
            throw new AllocationException(
                $"{Name(requests)} of '{resource}' could not be made ready within {deadline.TotalSeconds} s. "
                + "Create the Pod anew to try again, and see the log of the device plugin.");
        }
        catch (Exception exception) when (exception is not AllocationException && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, resource);
            throw new AllocationException(
                $"{Name(requests)} of '{resource}' could not be made ready: {exception.Message} "
                + "Create the Pod anew to try again, and see the log of the device plugin.", exception);
        }
        finally
        {
            // Nobody waits for it any more, and nobody for what it does when it is told so.
            if (!allocating.IsCompleted)
                _ = ending.CancelAsync();
        }
    }

    /// <returns>Exactly as many of the ids as asked for, as far as there are so many.</returns>
    public async Task<IReadOnlyList<string>> PreferAsync(
        IReadOnlyList<string> available, IReadOnlyList<string> mustInclude, int size, CancellationToken cancellationToken)
    {
        var request = new PreferenceRequest(Current.ById, available, mustInclude, size);
        IReadOnlyList<string> preferred = [];
        try
        {
            preferred = await Task.Run(() => allocator.Prefer(request), cancellationToken)
                .WaitAsync(PreferenceDeadline, timeProvider, cancellationToken) ?? [];
        }
        // The kubelet fails the Pod where it gets no advice.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoPreference(exception, resource);
        }

        return Complete(request, preferred);
    }

    private DeviceList Current => feed.Current ?? throw new InvalidOperationException("It is served before its devices are known.");

    private async Task<IReadOnlyList<ContainerAllocation>> AllocateAllAsync(
        PluginDevice[][] containers, CancellationToken cancellationToken)
    {
        var allocations = new ContainerAllocation[containers.Length];
        for (var index = 0; index < containers.Length; index++)
        {
            allocations[index] = await allocator.AllocateAsync(containers[index], cancellationToken)
                ?? throw new InvalidOperationException("The allocator answered with nothing.");
        }

        return allocations;
    }

    private static IReadOnlyList<string> Complete(PreferenceRequest request, IReadOnlyList<string> preferred)
    {
        var size = Math.Max(request.Size, 0);
        var chosen = request.MustInclude.Distinct().Take(size).ToList();
        // A set of the few, not of all that there are to choose from.
        var choosable = preferred.ToHashSet(StringComparer.Ordinal);
        choosable.IntersectWith(request.Available);
        choosable.ExceptWith(chosen);
        foreach (var id in preferred)
        {
            if (chosen.Count < size && choosable.Remove(id))
                chosen.Add(id);
        }

        return chosen.Count == size
            ? chosen
            : PreferredAllocation.ByNumaNode(new PreferenceRequest(request.Devices, request.Available, chosen, size));
    }

    private PluginDevice[][] Resolve(IReadOnlyList<IReadOnlyList<string>> requests)
    {
        var list = Current;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var containers = new PluginDevice[requests.Count][];
        for (var container = 0; container < requests.Count; container++)
        {
            var ids = requests[container];
            if (ids.Count == 0)
                throw Wrong("A container's request names no device. The kubelet always names as many as the Pod asks for.");

            var devices = new PluginDevice[ids.Count];
            for (var index = 0; index < ids.Count; index++)
            {
                if (!seen.Add(ids[index]))
                    throw Wrong($"Device '{ids[index]}' is asked for more than once; it can be given once.");

                devices[index] = Find(list, ids[index]);
            }

            containers[container] = devices;
        }

        return containers;
    }

    private PluginDevice Find(DeviceList list, string id)
    {
        if (list.Find(id) is not { } device)
            throw Wrong($"Device '{id}' is none of '{resource}' on this node: {Describe(list)}. "
                + "Create the Pod anew, so that the kubelet chooses from the present devices.");

        if (device.IsHealthy)
            return device;

        var name = device.Name is null ? $"Device '{id}' of '{resource}'" : $"Device '{id}' ({device.Name}) of '{resource}'";
        var since = device.Since is { } time ? $" since {time.ToString("u", CultureInfo.InvariantCulture)}" : "";
        var reason = device.Reason ?? "no reason is given";
        throw new AllocationException(device.State == PluginDeviceState.Disabled
            ? $"{name} is disabled: {reason}. Create the Pod anew to get another, or enable it."
            : $"{name} is unhealthy{since}: {reason}. Create the Pod anew to get another, and have the device looked at.");
    }

    private static string Describe(DeviceList list)
    {
        if (list.Devices.Count == 0)
            return "there is none at all";

        var named = string.Join(", ", list.Devices.Take(MaxNamed).Select(device => device.Id));
        return list.Devices.Count > MaxNamed ? $"there are {named} and {list.Devices.Count - MaxNamed} more" : $"there are {named}";
    }

    private static string Name(IReadOnlyList<IReadOnlyList<string>> requests) =>
        "Devices " + string.Join(", ", requests.SelectMany(ids => ids).Select(id => $"'{id}'"));

    private static AllocationException Wrong(string message) => new(message) { IsRequestWrong = true };

    [LoggerMessage(1, LogLevel.Error, "{Resource}: its allocator failed", EventName = "AllocatorFailed")]
    private partial void LogFailed(Exception exception, string resource);

    [LoggerMessage(
        2, LogLevel.Warning, "{Resource}: its allocator had no advice which devices to give together; the kubelet gets the default's",
        EventName = "NoPreference")]
    private partial void LogNoPreference(Exception exception, string resource);
}
