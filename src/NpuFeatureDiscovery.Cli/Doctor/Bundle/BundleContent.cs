using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Cli.Doctor.Bundle;

/// <summary>
/// What a report of a fault needs. Each file is made of named facts: nothing is copied whole but our own feature file and what our
/// own program serves, since configuration, environment and the kubelet's checkpoint may hold secrets of others.
/// </summary>
internal sealed class BundleContent(DoctorContext context, DoctorReport report)
{
    /// <summary>The environment variables that are ours to read, and hold no secret.</summary>
    private static readonly string[] Variables = ["NODE_NAME", "K8S_NODE_NAME", "POD_UID"];

    public async Task<IReadOnlyList<BundleFile>> CollectAsync(CancellationToken cancellationToken)
    {
        var files = new List<BundleFile>
        {
            new("versions.txt", Versions()),
            new("report.txt", DoctorText.Draw(report, isColoured: false)),
            new("report.json", DoctorDocument.Create(report).ToJson()),
            new("configuration.txt", Configuration()),
            new("snapshot.json", await DevicesAsync()),
            new("pci.txt", Pci()),
            new("folders.txt", Folders()),
            new("kubelet-checkpoint.txt", Checkpoint()),
            new("allocations.txt", await AllocationsAsync(cancellationToken)),
            new("feature-file.txt", FeatureFile()),
        };
        if (context.Address is { } address)
        {
            using var program = new RunningProgram(address, context.TimeProvider);
            files.Add(new("readyz.json", await AskAsync(program.ReadReadyAsync(cancellationToken))));
            files.Add(new("status.json", await AskAsync(program.ReadStatusAsync(cancellationToken))));
            files.Add(new("metrics.txt", await AskAsync(program.ReadMetricsAsync(cancellationToken))));
        }

        return files;
    }

    private static async Task<string> AskAsync(Task<string> answer)
    {
        try
        {
            return await answer;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException)
        {
            return $"not known: {exception.Message}\n";
        }
    }

    private string Versions()
    {
        var version = typeof(BundleContent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
        return $"""
            {ProgramName.Own} {version.InformationalVersion}
            {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}
            {RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}
            user {FileRights.UserId}, {(context.IsContainer ? "in a container" : "on the host")}
            {report.At:yyyy-MM-dd'T'HH:mm:ss'Z'}

            """;
    }

    private string Configuration()
    {
        var folders = context.Folders;
        string[] set = [.. Variables.Where(name => context.Environment(name) is not null)
            .Select(name => $"{name}={context.Environment(name)}")];
        // Without the user and password that a URL can have.
        var server = context.Kubernetes?.Configuration.Server.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
            ?? $"none: {context.NoKubernetes}";
        return $"""
            --root {context.Root}
            --node-name {context.NodeName}
            --features-dir {folders.Features}
            --file-name {folders.FeatureFileName}
            --plugin-dir {folders.Plugins}
            --registry-dir {folders.Registry}
            --pod-resources {folders.PodResources}
            --cdi-dir {string.Join(',', folders.Cdi)}
            resources {string.Join(',', context.Resources)}
            API server {server}
            {string.Join('\n', set)}

            """;
    }

    private async Task<string> DevicesAsync()
    {
        if (context.Node is not { } node)
            return $"{context.NodeFailure}\n";

        using var sensors = new SensorReader(context.Root, context.TimeProvider, SensorReader.DefaultDeviceTimeout);
        var cards = await sensors.ReadAsync(node.Devices);
        return DeviceDocument.Create(cards, [.. node.Problems, .. cards.SelectMany(card => card.Problems)]).ToJson();
    }

    private string Pci()
    {
        try
        {
            return Lines(PciBus.ReadFuriosa(context.Root).Select(function => $"{function.Address} {function.Driver ?? "-"}"));
        }
        catch (HostUnreadableException exception)
        {
            return $"{exception.Message}\n";
        }
    }

    private string Folders()
    {
        var folders = context.Folders;
        string[] listed =
        [
            folders.Features, folders.Staging, folders.Plugins, folders.Registry,
            Path.GetDirectoryName(folders.PodResources) ?? "/", .. folders.Cdi, context.Root.Resolve("/sys/class/npu_mgmt"),
            context.Root.Resolve("/sys/class/rngd_mgmt"), context.Root.Resolve("/dev/rngd"),
        ];
        return string.Concat(listed.Select(folder => FolderListing.Of(folder)))
            // What else there is in /dev tells of the machine, and is no matter here.
            + FolderListing.Of(context.Root.Resolve("/dev"), "npu*");
    }

    /// <summary>Without the answers of the plugins, which have the environment of containers in them.</summary>
    private string Checkpoint()
    {
        try
        {
            var checkpoint = KubeletCheckpoint.Read(Path.Combine(context.Folders.Plugins, KubeletCheckpoint.FileName));
            return Lines(
            [
                .. checkpoint.Resources.Select(
                    resource => $"registered {resource.Name}: {string.Join(' ', resource.HealthyIds)}"),
                .. checkpoint.Held.Where(held => context.IsNpuResource(held.Resource))
                    .Select(held => $"held {held.Resource} {held.Id} by Pod {held.PodUid}, {held.Container}"),
            ]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return $"not known: {exception.Message}\n";
        }
    }

    private async Task<string> AllocationsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var kubelet = context.CreatePodResources();
            var allocations = await kubelet.ListAsync(cancellationToken);
            return Lines(allocations.Select(held => $"{held.Resource} {held.Unit} {held.Namespace}/{held.Pod} {held.Container}"));
        }
        catch (GrpcException exception)
        {
            return $"not known: {exception.Message}\n";
        }
    }

    private string FeatureFile()
    {
        try
        {
            return File.ReadAllText(context.Folders.FeatureFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"not known: {exception.Message}\n";
        }
    }

    private static string Lines(IEnumerable<string> lines) =>
        string.Concat(lines.Select(line => $"{PrintableText.Of(line)}\n")) is { Length: > 0 } text ? text : "none\n";
}
