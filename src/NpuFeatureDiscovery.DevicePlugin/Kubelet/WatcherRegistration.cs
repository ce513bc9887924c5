using NpuFeatureDiscovery.DevicePlugin.Watcher.V1;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>By a socket that the kubelet's plugin watcher finds, asks what it is, and tells what came of it.</summary>
internal sealed class WatcherRegistration(string resource, PluginFolder folder, TimeProvider timeProvider) : IRegistration
{
    /// <summary>
    /// How long the kubelet may take to ask. It looks for sockets every second; after a failure at the same path it waits longer each
    /// time, up to two minutes.
    /// </summary>
    public static readonly TimeSpan AskDeadline = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take from there: it dials the plugin for up to 10 seconds, and asks for its options.</summary>
    private static readonly TimeSpan StatusDeadline = TimeSpan.FromSeconds(20);

    private const string Service = "/pluginregistration.Registration/";

    private readonly PluginInfo _info = new() { Type = "DevicePlugin", Name = resource, SupportedVersions = { "v1beta1" } };
    private Answers _answers = new();

    public RegistrationMode Mode => RegistrationMode.Watcher;

    public PluginFolder Folder => folder;

    public bool IsPerSocket => true;

    /// <summary>The folder, without its time, which some file systems change with every file in it.</summary>
    public FileIdentity? Target => FileIdentity.Of(folder.Path) is { } identity ? identity with { Born = 0 } : null;

    public string NoTarget =>
        $"the folder '{folder.Path}' is missing. The kubelet makes it when it starts; mount it into the container";

    public void AddTo(GrpcServer server)
    {
        var answers = _answers = new Answers();
        server.AddUnary(Service + "GetInfo", InfoRequest.Parser, (_, _) =>
        {
            answers.Asked.TrySetResult();
            return Task.FromResult(_info);
        });
        server.AddUnary(Service + "NotifyRegistrationStatus", RegistrationStatus.Parser, (status, _) =>
        {
            answers.Status.TrySetResult(status);
            return Task.FromResult(new RegistrationStatusResponse());
        });
    }

    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var answers = _answers;
        await UntilAsync(answers.Asked.Task, AskDeadline,
            $"no kubelet asked for the plugin in '{folder.Path}' within {AskDeadline.TotalSeconds} seconds: it does not run, or "
            + "plugins_registry of its --root-dir is another folder, or that was replaced since it started", cancellationToken);
        await UntilAsync(answers.Status.Task, StatusDeadline,
            $"the kubelet found the plugin in '{folder.Path}', and did not tell within {StatusDeadline.TotalSeconds} seconds whether it "
            + "registers it", cancellationToken);
        var status = await answers.Status.Task;
        if (!status.PluginRegistered)
            throw new RegistrationException($"the kubelet found the plugin in '{folder.Path}', and refuses it: {status.Error}");
    }

    private async Task UntilAsync(Task task, TimeSpan deadline, string failure, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(deadline, timeProvider, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new RegistrationException(failure, exception);
        }
    }

    /// <summary>What the kubelet has said at one socket.</summary>
    private sealed class Answers
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<RegistrationStatus> Status { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
