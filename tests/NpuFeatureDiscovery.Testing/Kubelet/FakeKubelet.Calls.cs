namespace NpuFeatureDiscovery.Testing.Kubelet;

public sealed partial class FakeKubelet
{
    /// <summary>Calls <c>Allocate</c> for one container, as it is told and without any bookkeeping.</summary>
    /// <param name="resourceName">A registered resource; its newest plugin is called.</param>
    /// <param name="deviceIds">The devices.</param>
    /// <param name="cancellationToken">Cancels the call. A kubelet has no deadline.</param>
    /// <exception cref="Grpc.GrpcException">The plugin failed.</exception>
    /// <exception cref="AdmissionException">No plugin is registered, or it is stopped, or it did not answer for one
    /// container.</exception>
    public async Task<ContainerResponse> AllocateAsync(
        string resourceName, IReadOnlyList<string> deviceIds, CancellationToken cancellationToken)
    {
        var responses = await AllocateContainersAsync(resourceName, [deviceIds], cancellationToken);
        return responses is [var only]
            ? only
            : throw new AdmissionException(
                $"Allocate of '{resourceName}' answered for {responses.Count} containers, where 1 was asked for.");
    }

    /// <summary>Calls <c>Allocate</c> for any number of containers, which kubelets do not do, but may.</summary>
    /// <param name="resourceName">A registered resource; its newest plugin is called.</param>
    /// <param name="containers">The devices of each container.</param>
    /// <param name="cancellationToken">Cancels the call. A kubelet has no deadline.</param>
    /// <exception cref="Grpc.GrpcException">The plugin failed.</exception>
    /// <exception cref="AdmissionException">No plugin is registered, or it is stopped.</exception>
    public Task<IReadOnlyList<ContainerResponse>> AllocateContainersAsync(
        string resourceName, IReadOnlyList<IReadOnlyList<string>> containers, CancellationToken cancellationToken) =>
        Run.Manager.Plugin(resourceName).AllocateAsync(containers, cancellationToken);

    /// <summary>Calls <c>GetPreferredAllocation</c> for one container.</summary>
    /// <param name="resourceName">A registered resource; its newest plugin is called.</param>
    /// <param name="available">The devices to choose from.</param>
    /// <param name="mustInclude">Those of them that must be chosen.</param>
    /// <param name="count">How many to choose.</param>
    /// <param name="cancellationToken">Cancels the call. A kubelet has no deadline.</param>
    /// <exception cref="Grpc.GrpcException">The plugin failed.</exception>
    /// <exception cref="AdmissionException">No plugin is registered, or it is stopped.</exception>
    public Task<IReadOnlyList<string>> GetPreferredAllocationAsync(
        string resourceName, IReadOnlyList<string> available, IReadOnlyList<string> mustInclude, int count,
        CancellationToken cancellationToken) =>
        Run.Manager.Plugin(resourceName).GetPreferredAllocationAsync(available, mustInclude, count, cancellationToken);

    /// <summary>Calls <c>GetDevicePluginOptions</c>.</summary>
    /// <param name="resourceName">A registered resource; its newest plugin is called.</param>
    /// <param name="cancellationToken">Cancels the call. A kubelet has no deadline.</param>
    /// <exception cref="Grpc.GrpcException">The plugin failed.</exception>
    /// <exception cref="AdmissionException">No plugin is registered, or it is stopped.</exception>
    public Task<PluginOptions> GetDevicePluginOptionsAsync(string resourceName, CancellationToken cancellationToken) =>
        Run.Manager.Plugin(resourceName).GetOptionsAsync(cancellationToken);

    /// <summary>Calls a method of the plugin with any bytes in the place of a message.</summary>
    /// <param name="resourceName">A registered resource; its newest plugin is called.</param>
    /// <param name="method">Its short name, such as <c>Allocate</c>.</param>
    /// <param name="request">The bytes.</param>
    /// <param name="cancellationToken">Cancels the call. A kubelet has no deadline.</param>
    /// <returns>The bytes of the response.</returns>
    /// <exception cref="Grpc.GrpcException">The plugin failed.</exception>
    /// <exception cref="AdmissionException">No plugin is registered, or it is stopped.</exception>
    public Task<byte[]> CallAsync(
        string resourceName, string method, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        Run.Manager.Plugin(resourceName).CallAsync(method, request, cancellationToken);

    /// <summary>
    /// Admits a pod of one container: chooses among the devices that are healthy and that no pod has, those first that the
    /// plugin prefers if it offers to tell, exactly as many as asked for, and allocates them. One pod after the other, as in
    /// a kubelet.
    /// </summary>
    /// <param name="resourceName">The resource.</param>
    /// <param name="count">How many devices.</param>
    /// <param name="cancellationToken">Cancels the calls. A kubelet has no deadline.</param>
    /// <returns>The pod, which keeps its devices, also over restarts, until <see cref="EndPod"/>.</returns>
    /// <exception cref="AdmissionException">Too few devices are free, no plugin is registered, or it answered for no
    /// container.</exception>
    /// <exception cref="Grpc.GrpcException">The plugin failed, which fails the pod.</exception>
    public Task<AdmittedPod> AdmitAsync(string resourceName, int count, CancellationToken cancellationToken) =>
        Run.Manager.AdmitAsync(resourceName, count, () => Interlocked.Increment(ref _pods), cancellationToken);

    /// <summary>
    /// Admits a pod again that has its devices already, as after a node's restart: the plugin is not called. Since 1.25 it
    /// fails where not all of its devices are healthy, so before the first list of a plugin that registers again.
    /// </summary>
    /// <exception cref="AdmissionException">It fails.</exception>
    public void Readmit(AdmittedPod pod) => Run.Manager.Readmit(pod);

    /// <summary>Ends a pod; its devices are free again.</summary>
    public void EndPod(AdmittedPod pod) =>
        _board.Change(state => state with { Pods = [.. state.Pods.Where(other => other.Number != pod.Number)] });
}
