using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>Which Node is labelled, and how.</summary>
public partial class NodeSinkOptions
{
    /// <summary>The default of <see cref="Resync"/>.</summary>
    public static readonly TimeSpan DefaultResync = TimeSpan.FromMinutes(10);

    /// <summary>The Node's name in the cluster.</summary>
    /// <value>Required.</value>
    public string NodeName { get; set; } = "";

    /// <summary>How often labels that do not change are read back, and written again where someone has changed them.</summary>
    /// <value>Spread by a tenth, so that the agents of a cluster do not ask at once. Default: 10 minutes.</value>
    public TimeSpan Resync { get; set; } = DefaultResync;

    /// <summary>
    /// <see langword="false"/>: a label that someone else has set to another value is an error, and nothing is changed.
    /// <see langword="true"/>: it is taken over; but never from Node Feature Discovery, which would not give in.
    /// </summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool ForceConflicts { get; set; }

    /// <summary>Says what is wrong with a Node's name; <see langword="null"/> where nothing is.</summary>
    public static string? NodeNameError(string name) => name.Length <= 253 && Subdomain().IsMatch(name)
        ? null
        : $"'{name}' is no name of a Node: allowed is a DNS subdomain of at most 253 lower-case letters, digits, '-' and '.'.";

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
