using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels;

/// <summary>Makes labels of a snapshot and publishes them.</summary>
/// <remarks>Whatever is worth a person's attention is logged when it is new, and not again while it lasts.</remarks>
public sealed partial class LabelPublisher(
    LabelOptions options, ILabelSink sink, ILogger<LabelPublisher> logger, IEnumerable<ILabeller>? labellers = null)
{
    private readonly ILabeller[] _labellers = [.. labellers ?? []];
    private NodeSnapshot? _node;
    private HashSet<object> _known = [];
    private HashSet<(NpuFamily, int)> _unhealthy = [];
    private (LabelPublicationState State, string Reason) _told = (LabelPublicationState.InForce, "");
    private volatile LabelSet? _wanted;

    /// <summary>The labels of the last snapshot, published or not; null before the first.</summary>
    internal LabelSet? Wanted => _wanted;

    /// <summary>What the sink did the last time.</summary>
    internal PublishResult LastResult { get; private set; }

    /// <summary>Brings what is published up to date with a snapshot of the host.</summary>
    /// <returns>The labels that are now published.</returns>
    /// <exception cref="LabelPublishException">The labels could not be published; what is published stays.</exception>
    public async Task<LabelSet> PublishAsync(NodeSnapshot node, CancellationToken cancellationToken)
    {
        var labels = Create(node);
        LastResult = await sink.PublishAsync(labels, cancellationToken);
        switch (LastResult)
        {
            case PublishResult.Written:
                LogPublished(labels.Labels.Count, sink.Target, node.Devices.Count);
                break;
            case PublishResult.Removed:
                LogRemoved(sink.Target);
                break;
            case PublishResult.Restored:
                LogRestored(sink.Target);
                break;
            case PublishResult.Renewed:
                LogRenewed(sink.Target);
                break;
        }

        if (sink.Publication is var (state, reason, _, _) && (state, reason) != _told)
        {
            _told = (state, reason);
            var isWell = state is LabelPublicationState.InForce or LabelPublicationState.Pending;
            LogPublication(isWell ? LogLevel.Information : LogLevel.Warning, sink.Target, state, reason);
        }

        return labels;
    }

    /// <summary>The same snapshot gives the same labels, and nothing new to tell, unless others add theirs.</summary>
    private LabelSet Create(NodeSnapshot node)
    {
        if (_wanted is { } made && ReferenceEquals(node, _node) && _labellers is [])
            return made;

        var labels = LabelEngine.Create(node, options, _labellers);
        LogNews(node, labels);
        (_node, _wanted) = (node, labels);
        return labels;
    }

    private void LogNews(NodeSnapshot node, LabelSet labels)
    {
        var current = new HashSet<object>();
        foreach (var problem in node.Problems)
        {
            if (IsNews(problem))
                LogProblem(problem.Kind == ReadProblemKind.Missing ? LogLevel.Debug : LogLevel.Warning, problem.Path, problem.Reason);
        }

        foreach (var remark in labels.Remarks)
        {
            if (IsNews(remark))
                LogRemark(remark.Message);
        }

        var unhealthy = new HashSet<(NpuFamily, int)>();
        foreach (var device in node.Devices)
        {
            var card = (device.Family, device.Index);
            if (device.Health.State == HealthState.Healthy)
            {
                if (_unhealthy.Contains(card))
                    LogHealthy(device.Name, device.PciAddress);
                continue;
            }

            unhealthy.Add(card);
            if (IsNews((card, device.Health)))
                LogUnhealthy(device.Name, device.PciAddress, device.Health.State, device.Health.Reason);
        }

        _known = current;
        _unhealthy = unhealthy;

        bool IsNews(object fact) => current.Add(fact) && !_known.Contains(fact);
    }

    [LoggerMessage(1, LogLevel.Information, "Published {Labels} labels to {Target} (NPUs: {Devices})", EventName = "Published")]
    private partial void LogPublished(int labels, string target, int devices);

    [LoggerMessage(2, LogLevel.Information, "No labels: took away {Target}", EventName = "Removed")]
    private partial void LogRemoved(string target);

    [LoggerMessage(3, LogLevel.Debug, "Renewed the lease of {Target}", EventName = "Renewed")]
    private partial void LogRenewed(string target);

    [LoggerMessage(EventId = 4, EventName = "Problem", Message = "{Path} {Reason}")]
    private partial void LogProblem(LogLevel level, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Device} at {PciAddress} is {State}: {Reason}", EventName = "Unhealthy")]
    private partial void LogUnhealthy(string device, PciAddress pciAddress, HealthState state, string? reason);

    [LoggerMessage(6, LogLevel.Information, "{Device} at {PciAddress} is Healthy again", EventName = "Healthy")]
    private partial void LogHealthy(string device, PciAddress pciAddress);

    [LoggerMessage(7, LogLevel.Information, "{Remark}", EventName = "Remark")]
    private partial void LogRemark(string remark);

    [LoggerMessage(
        8, LogLevel.Warning, "Someone had changed or removed {Target}: wrote it again. Is there a second writer?",
        EventName = "Restored")]
    private partial void LogRestored(string target);

    [LoggerMessage(EventId = 9, EventName = "Publication", Message = "The labels of {Target} are now {State}. {Reason}")]
    private partial void LogPublication(LogLevel level, string target, LabelPublicationState state, string reason);
}
