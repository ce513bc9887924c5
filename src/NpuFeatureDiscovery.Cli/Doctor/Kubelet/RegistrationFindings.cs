using System.Text.Json;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Doctor.Kubelet;

/// <summary>Compares what the kubelet wrote down of NPU resources with the node's cards.</summary>
internal static class RegistrationFindings
{
    private const string Name = "registration";

    public static IEnumerable<Finding> Of(DoctorContext context, IReadOnlyList<PluginSocket> plugins)
    {
        var path = Path.Combine(context.Folders.Plugins, KubeletCheckpoint.FileName);
        var checkpoint = Read(path, out var failure);
        if (checkpoint is null)
            return failure is null ? [.. NotRegistered(context, plugins)] : [failure];

        RegisteredResource[] resources = [.. checkpoint.Resources.Where(resource => context.IsNpuResource(resource.Name))];
        return resources.Length == 0
            ? NotRegistered(context, plugins)
            : resources.SelectMany(resource => Find(resource, context, plugins)).Concat(FindOfferedTwice(resources));
    }

    private static KubeletCheckpoint? Read(string path, out Finding? failure)
    {
        failure = null;
        try
        {
            return KubeletCheckpoint.Read(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            failure = new Finding(
                FindingLevel.Warning, Name, $"'{path}' cannot be read, so what is registered is not known.", exception.Message,
                exception is JsonException ? "The kubelet makes it anew when it starts." : "Run as root: the file is the kubelet's.");
            return null;
        }
    }

    private static IEnumerable<Finding> NotRegistered(DoctorContext context, IReadOnlyList<PluginSocket> plugins)
    {
        if (plugins.Any(plugin => plugin.Answers))
        {
            yield return new Finding(
                FindingLevel.Problem, Name, "A plugin runs, and the kubelet knows no resource of NPUs.",
                "It has not registered, or as a resource of another name.",
                "See /readyz and the log of the plugin; --resource-name lets doctor look for further names.");
        }
        else
        {
            yield return new Finding(
                FindingLevel.Ok, Name, "The kubelet knows no resource of NPUs, and no plugin for them runs.");
        }
    }

    private static IEnumerable<Finding> Find(
        RegisteredResource resource, DoctorContext context, IReadOnlyList<PluginSocket> plugins)
    {
        var devices = context.Devices;
        if (resource.HealthyIds.Count == 0)
        {
            yield return !plugins.Any(plugin => plugin.Answers)
                ? new Finding(
                    FindingLevel.Problem, Name, $"{resource.Name} is registered, and no plugin serves it now.",
                    "The plugin has ended: the kubelet counts 0 of them, and forgets the resource after 5 minutes.",
                    "See why the plugin's Pod does not run (kubectl get pods -A -o wide), or remove it for good.")
                : new Finding(
                    devices.Any(IsHealthy) ? FindingLevel.Problem : FindingLevel.Warning, Name,
                    $"{resource.Name} has no healthy unit.",
                    devices.Any(IsHealthy)
                        ? "The node has cards that work: they are disabled, or the plugin does not see them." : "No card works.",
                    "See the log of the plugin, and what it disables.");
            yield break;
        }

        if (context.Node is null)
        {
            yield return new Finding(
                FindingLevel.Ok, Name, $"The kubelet has {resource.HealthyIds.Count} healthy units of {resource.Name}.",
                "Whether the node has their cards is not known.");
            yield break;
        }

        var isGood = true;
        var byId = new DeviceIds().ById(devices);
        string[] offered = [.. resource.HealthyIds.Select(DeviceOf).Distinct()];
        foreach (var id in offered)
        {
            var device = byId.GetValueOrDefault(id);
            if (device is null || !IsHealthy(device))
            {
                isGood = false;
                var fault = device is null ? "this node does not have" : $"is {context.NameOf(device)} and does not work";
                yield return new Finding(
                    FindingLevel.Problem, Name, $"{resource.Name} offers '{id}', which {fault}.",
                    "A Pod may be given it, and fails.",
                    "The plugin has not told the kubelet of the change: see its log, and restart it.");
            }
        }

        string[] unoffered = [.. byId.Where(entry => IsHealthy(entry.Value) && !offered.Contains(entry.Key))
            .Select(entry => context.NameOf(entry.Value))];
        if (unoffered.Length > 0)
        {
            isGood = false;
            yield return new Finding(
                FindingLevel.Warning, Name, $"{resource.Name} does not offer {string.Join(", ", unoffered)}.",
                "They work, and the kubelet does not count them: they are disabled, another resource's, or the plugin does not see them.",
                "Nothing, if they are disabled on purpose; else see the log of the plugin.");
        }

        if (isGood)
        {
            yield return new Finding(
                FindingLevel.Ok, Name,
                $"The kubelet has {resource.HealthyIds.Count} healthy units of {resource.Name}, of {offered.Length} cards.");
        }
    }

    private static IEnumerable<Finding> FindOfferedTwice(RegisteredResource[] resources)
    {
        for (var index = 1; index < resources.Length; index++)
        {
            var resource = resources[index];
            var others = resources.AsSpan(0, index).ToArray();
            var twice = others.FirstOrDefault(
                other => other.HealthyIds.Select(DeviceOf).Intersect(resource.HealthyIds.Select(DeviceOf)).Any());
            if (twice is not null)
            {
                yield return new Finding(
                    FindingLevel.Problem, Name, $"The same cards are offered as {twice.Name} and as {resource.Name}.",
                    "The kubelet counts them twice, and gives one card to two Pods.",
                    "Let one plugin run on the node, with one name for each kind of card.");
            }
        }
    }

    private static string DeviceOf(string id) => UnitId.TryParse(id, out var unit) ? unit.DeviceId : id;

    private static bool IsHealthy(NpuDevice device) => device.Health.State == HealthState.Healthy;
}
