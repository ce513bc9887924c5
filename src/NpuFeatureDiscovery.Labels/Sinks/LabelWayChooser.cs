using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Chooses how labels get onto a Node by what can be seen in the cluster with the verb <c>patch</c> alone: API discovery, and
/// empty merge patches, which answer an object and change nothing.
/// </summary>
internal sealed partial class LabelWayChooser(
    KubernetesClient client, NodeSink node, NodeFeatureSink? nodeFeature, FeatureFileSink file, NodeFeatureSinkOptions options)
{
    /// <summary>Where the manifests and the chart of NFD put it.</summary>
    private const string NfdNamespace = "node-feature-discovery";

    /// <summary>From this version on nfd-master reads NodeFeature objects unless it is told not to.</summary>
    private static readonly Version FirstToRead = new(0, 14);

    /// <param name="refused">Ways that were tried, and that the API server has refused.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="KubernetesException">The API server did not answer, or knows no such Node.</exception>
    public async Task<LabelWayChoice> ChooseAsync(IReadOnlySet<LabelWay> refused, CancellationToken cancellationToken)
    {
        var (hasNfd, refusal) = await ReadNodeAsync(cancellationToken);
        var mayLabel = hasNfd is not null && !refused.Contains(LabelWay.Node);
        var mayWriteFeature = nodeFeature is not null && !refused.Contains(LabelWay.NodeFeature)
            && await client.ServesAsync(NodeFeatureSink.Resource, cancellationToken)
            && await nodeFeature.MayWriteAsync(cancellationToken);

        if (mayWriteFeature && await FindWorkerAsync(cancellationToken) is { } worker)
            return Choose(LabelWay.NodeFeature, $"its nfd-worker {worker} publishes a NodeFeature object");
        if (hasNfd == true && file.HasFolder)
            return Choose(LabelWay.File, "Node Feature Discovery labels this Node, and no NodeFeature object of its worker is seen");
        if (hasNfd == true && mayWriteFeature)
            return Choose(LabelWay.NodeFeature, "Node Feature Discovery labels this Node, and there is no folder for a feature file");
        if (mayLabel)
            return Choose(LabelWay.Node, hasNfd == true
                ? "Node Feature Discovery labels this Node, and takes neither a feature file nor a NodeFeature object from here"
                : "no Node Feature Discovery is seen on this Node");
        if (mayWriteFeature)
            return Choose(LabelWay.NodeFeature, $"the Node may not be labelled from here: {refusal}");

        return Choose(LabelWay.File, $"the API server refuses Node and NodeFeature: {refusal}");

        LabelWayChoice Choose(LabelWay way, string reason) => new(way, reason, hasNfd);
    }

    private async Task<(bool? HasNfd, string Refusal)> ReadNodeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ((await node.ReadAsync(cancellationToken)).HasNfd, "the account may read it and not write to it.");
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.Forbidden)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>The version of the nfd-worker whose own NodeFeature object, named like the Node, can be seen.</summary>
    private async Task<string?> FindWorkerAsync(CancellationToken cancellationToken)
    {
        foreach (var place in new[] { (options.Namespace ?? client.Configuration.Namespace)!, NfdNamespace }.Distinct())
        {
            try
            {
                var found = await client.MergePatchAsync(
                    NodeFeatureSink.Resource.Named(options.NodeName, place), [], NodeState.FieldManager, cancellationToken);
                if (new NodeFeatureObject(found).WorkerVersion is { } version && !IsTooOld(version))
                    return version;
            }
            catch (KubernetesException exception)
                when (exception.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
            {
                // Not there, or not for us to see.
            }
        }

        return null;
    }

    /// <summary>A version that says no number is one of somebody's own making, and new.</summary>
    private static bool IsTooOld(string version) => Number().Match(version) is { Success: true } number
        && new Version(Part(number.Groups[1]), Part(number.Groups[2])) < FirstToRead;

    private static int Part(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\Av?([0-9]{1,4})\.([0-9]{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
