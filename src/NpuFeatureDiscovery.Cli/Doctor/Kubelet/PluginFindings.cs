namespace NpuFeatureDiscovery.Cli.Doctor.Kubelet;

/// <summary>What is wrong with the plugins' sockets.</summary>
internal static class PluginFindings
{
    private const string Name = "plugin";

    /// <summary>Of each by itself.</summary>
    public static IEnumerable<Finding> Of(IReadOnlyList<PluginSocket> plugins) => plugins.Select(Find);

    /// <summary>Of each, and of all of the node.</summary>
    public static IEnumerable<Finding> Of(DoctorContext context, IReadOnlyList<PluginSocket> plugins)
    {
        foreach (var finding in Of(plugins))
            yield return finding;

        // One that has a socket in each folder answers at both.
        if (plugins.Count(plugin => plugin.Answers && Path.GetDirectoryName(plugin.Path) == context.Folders.Plugins) > 1)
        {
            yield return new Finding(
                FindingLevel.Warning, Name, "Several plugins for NPUs run on this node.",
                "The one that registers last has a resource, and the others are not asked any more; with different resources each "
                + "card is offered several times.",
                "In an update this passes; else remove all but one.");
        }

        if (!plugins.Any(plugin => plugin.IsServed) && context.Devices.Count > 0)
        {
            yield return new Finding(
                FindingLevel.Warning, Name,
                $"No plugin for NPUs has a socket in '{context.Folders.Plugins}' at which it listens.",
                "Without one, Pods cannot ask for this node's NPUs.",
                "Nothing, if this node's NPUs are not meant for Pods; else see why the Pod of device-plugin does not run here.");
        }
        else if (plugins.Count == 0)
            yield return new Finding(FindingLevel.Ok, Name, "No plugin for NPUs runs here, and there is no NPU.");
    }

    private static Finding Find(PluginSocket plugin) => plugin switch
    {
        { IsServed: false } => new Finding(
            FindingLevel.Warning, Name, $"Nobody listens at '{plugin.Path}'.",
            "A plugin was killed and left its socket, at which the kubelet may go on dialling.",
            $"Remove it, when no plugin is about to start: rm '{plugin.Path}'."),
        { Error: { } error } => new Finding(
            FindingLevel.Problem, Name, $"Who listens at '{plugin.Path}' does not answer as a device plugin.", error,
            "See the log of the plugin's Pod, and restart it if it hangs."),
        _ => new Finding(FindingLevel.Ok, Name, $"A device plugin answers at '{plugin.Path}'."),
    };
}
