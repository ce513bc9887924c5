using System.Net;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Cli;

/// <summary>How this node is called in its cluster.</summary>
internal static class NodeName
{
    private static readonly string[] Variables = ["NODE_NAME", "K8S_NODE_NAME"];

    /// <summary>What the command line says, else the environment as manifests set it, else the host's name.</summary>
    /// <param name="fromCommandLine">Null where it says nothing.</param>
    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    /// <exception cref="UsageException">What is said is no name of a Node.</exception>
    public static string Choose(string? fromCommandLine, Func<string, string?> environment) =>
        Find(fromCommandLine, environment)
        // A kubelet that is not told otherwise registers its Node by this name, in lower case.
        ?? Dns.GetHostName().ToLowerInvariant();

    /// <summary>As <see cref="Choose"/>, but null where nobody says it: the host's name may be another.</summary>
    public static string? Find(string? fromCommandLine, Func<string, string?> environment)
    {
        if (fromCommandLine is not null)
            return Checked("Option '--node-name'", fromCommandLine);

        foreach (var variable in Variables)
        {
            if (environment(variable) is { Length: > 0 } name)
                return Checked($"Variable '{variable}'", name);
        }

        return null;
    }

    /// <summary>It becomes a part of paths and selectors at the API server, where another text would ask for something else.</summary>
    private static string Checked(string source, string name) => NodeSinkOptions.NodeNameError(name) is { } error
        ? throw new UsageException([$"{source}: {error}"])
        : name;
}
