namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Tells of the devices of a resource, for as long as the program runs.</summary>
public interface IDeviceSource
{
    /// <summary>The devices now, and again when something about them may have changed.</summary>
    /// <remarks>
    /// <para>
    /// Each list is complete: a device that it lacks is gone. It is better kept in it as <see cref="PluginDeviceState.Unhealthy"/> for a
    /// while, so that the Pod which holds it can be told. An empty list is legal. Until the first one the resource is not registered,
    /// so that no kubelet takes devices away from Pods that hold them. The kubelet is told only of what changed for it; lists that say
    /// the same cost nothing.
    /// </para>
    /// <para>
    /// Of devices with the same id the first counts, and the others are reported in the log. What would not fit into a message to the
    /// kubelet, 4 MiB, is left out from the end of the list.
    /// </para>
    /// <para>
    /// An exception, and an end of the sequence before it is cancelled, leave the last list in force. The health check says so, and
    /// the method is called again after 0.1 to 30 seconds, growing from failure to failure. There is one call at a time, on a thread
    /// of the pool, which it may block.
    /// </para>
    /// </remarks>
    /// <param name="cancellationToken">Ends the sequence, which has to follow promptly: the program waits for it before it ends.</param>
    IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync(CancellationToken cancellationToken);
}
