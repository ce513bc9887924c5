using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Cli.Doctor.Kubelet;

/// <summary>Whether the kubelet is there, who listens beside it, and which NPUs it knows of.</summary>
internal sealed class KubeletCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "kubelet";

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var plugins = await PluginSocket.ReadAllAsync(context, cancellationToken);
        if (FindFolder() is { } missing)
            return [missing, .. PluginFindings.Of(plugins)];

        return
        [
            FindSocket(context.Folders.Plugins), .. PluginFindings.Of(context, plugins),
            .. RegistrationFindings.Of(context, plugins),
        ];
    }

    /// <summary>What keeps the kubelet from being looked at; null where nothing does.</summary>
    private Finding? FindFolder()
    {
        var folder = context.Folders.Plugins;
        if (!Directory.Exists(folder))
        {
            return new Finding(
                FindingLevel.Warning, Name, $"'{folder}' is missing, so the kubelet and its plugins cannot be looked at.",
                "The kubelet makes the folder when it starts.",
                context.MountRemedy(folder, isReadOnly: false, "Start the kubelet, or let --plugin-dir name its folder."));
        }

        return FileRights.ReadError(folder) is { } error
            ? new Finding(
                FindingLevel.Warning, Name, $"'{folder}' {error}.", "So the kubelet and its plugins cannot be looked at.",
                "Run as root: the folder is the kubelet's.")
            : null;
    }

    private static Finding FindSocket(string folder)
    {
        var socket = Path.Combine(folder, "kubelet.sock");
        if (!Path.Exists(socket))
        {
            return new Finding(
                FindingLevel.Problem, Name, $"'{socket}' is missing: the kubelet does not run, or meets plugins elsewhere.",
                "Without it no plugin can register, unless by the kubelet's other folder.",
                "See whether the kubelet runs (systemctl status kubelet), and mount the folder itself, not what is in it.");
        }

        if (FileRights.WriteError(socket) is { } error)
        {
            return new Finding(
                FindingLevel.Warning, Name, $"'{socket}' {error}.", "Whether the kubelet listens there is not known.",
                "Run as root: the socket is the kubelet's.");
        }

        return UnixSocket.IsServed(socket)
            ? new Finding(FindingLevel.Ok, Name, $"The kubelet listens at '{socket}'.")
            : new Finding(
                FindingLevel.Problem, Name, $"Nobody listens at '{socket}'.", "The kubelet has ended and left its socket.",
                "Start the kubelet, and see in its log why it ended (journalctl -u kubelet).");
    }
}
