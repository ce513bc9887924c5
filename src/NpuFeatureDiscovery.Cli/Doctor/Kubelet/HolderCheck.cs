using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Cli.Doctor.Kubelet;

/// <summary>Asks the kubelet who holds which NPU, and says what is wrong with that.</summary>
internal sealed class HolderCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "allocation";

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var socket = context.Folders.PodResources;
        if (Path.GetDirectoryName(socket) is { } folder && !Directory.Exists(folder))
        {
            return
            [
                new Finding(FindingLevel.Warning, Name, $"'{folder}' is missing, so who holds which NPU is not known.",
                    "The kubelet has its pod-resources socket there.",
                    context.MountRemedy(folder, isReadOnly: true, "Start the kubelet, or let --pod-resources name its socket.")),
            ];
        }

        try
        {
            using var kubelet = context.CreatePodResources();
            return [.. AllocationFindings.Of(context, await kubelet.ListAsync(cancellationToken))];
        }
        catch (GrpcException exception)
        {
            var isRefused = Path.Exists(socket) && FileRights.WriteError(socket) is not null;
            return
            [
                new Finding(
                    FindingLevel.Warning, Name, $"The kubelet does not tell at '{socket}' who holds which NPU.", exception.Message,
                    isRefused
                        ? "Run as root: the socket is the kubelet's."
                        : "See whether the kubelet runs, and mount the socket's folder, not the socket."),
            ];
        }
    }
}
