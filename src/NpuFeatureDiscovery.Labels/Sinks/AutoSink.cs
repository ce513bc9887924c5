using System.Net;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Publishes labels in the way that the cluster needs: as a NodeFeature object or a feature file where Node Feature Discovery labels
/// the Node, on the Node itself where it does not, and as a feature file where the API server refuses both others.
/// </summary>
/// <remarks>
/// <para>
/// It looks by API discovery and by empty patches, which need the verb <c>patch</c> alone, and again when NFD comes or goes. Then it
/// publishes in the new way first, and withdraws what it published in the old one when that is in force.
/// </para>
/// <para>
/// While the API server does not answer, nothing is decided; a feature file that an earlier run has left is kept up until then.
/// </para>
/// </remarks>
public sealed partial class AutoSink : ILabelSink
{
    /// <summary>Time for NFD to have read what is new, where the Node cannot tell since the values are equal: two of its scans.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>How long a hand-over is looked after at every publishing; later only at the time of a resync.</summary>
    private static readonly TimeSpan HandingOver = TimeSpan.FromMinutes(5);

    private readonly FeatureFileSink _file;
    private readonly NodeFeatureSink? _nodeFeature;
    private readonly NodeSink _node;
    private readonly LabelWayChooser _chooser;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly Resync _resync;
    private readonly HashSet<LabelWay> _refused = [];
    private readonly HashSet<LabelWay> _left = [];
    private LabelWayChoice? _choice;
    private bool? _seesNfd;
    private long _chosenAt;
    private LabelPublication _ofFile = new(LabelPublicationState.Unknown);

    /// <param name="file">The feature file.</param>
    /// <param name="node">Which Node, and the NodeFeature object.</param>
    /// <param name="client">Calls the API server; stays open.</param>
    /// <param name="logger">Is told what was decided, and why.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The file's or the Node's name is not allowed.</exception>
    public AutoSink(
        FeatureFileOptions file, NodeFeatureSinkOptions node, KubernetesClient client, ILogger<AutoSink> logger,
        TimeProvider? timeProvider = null)
    {
        _logger = logger;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _file = new FeatureFileSink(file, _timeProvider);
        _node = new NodeSink(node, client, _timeProvider);
        _nodeFeature = NodeFeatureSinkOptions.Error(node, client.Configuration) is null
            ? new NodeFeatureSink(node, client, _timeProvider)
            : null;
        _chooser = new LabelWayChooser(client, _node, _nodeFeature, _file, node);
        _resync = new Resync(node.Resync, _timeProvider);
    }

    /// <summary>The place that was chosen; until then the Node.</summary>
    public string Target => Current.Target;

    /// <inheritdoc/>
    public LabelPublication? Publication => _choice switch
    {
        null => Volatile.Read(ref _ofFile),
        { Way: LabelWay.File } choice => choice.HasNfd is null ? null : Volatile.Read(ref _ofFile),
        _ => Current.Publication,
    };

    /// <inheritdoc/>
    public async ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        if (_choice is null)
            await ChooseFirstAsync(labels, cancellationToken);

        var isDue = _resync.IsDue;
        var mayBeGranted = isDue && (_refused.Count > 0 || _choice!.HasNfd is null);
        if (isDue)
            _refused.Clear();
        if (mayBeGranted)
            await ChooseAgainAsync(cancellationToken);

        var result = await PublishAndLookAsync(labels, isDue, cancellationToken);
        await WithdrawAsync(labels, isDue, cancellationToken);
        if (isDue)
            _resync.Postpone();

        return result;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ReadPublishedAsync(CancellationToken cancellationToken)
    {
        if (_choice is null)
            await ChooseFirstAsync(null, cancellationToken);

        return await Current.ReadPublishedAsync(cancellationToken);
    }

    /// <summary>Does with a feature file what its options say; objects of the API stay.</summary>
    public ValueTask LeaveAsync(CancellationToken cancellationToken) => _file.LeaveAsync(cancellationToken);

    private ILabelSink Current => _choice?.Way switch
    {
        LabelWay.File => _file,
        LabelWay.NodeFeature => _nodeFeature!,
        _ => _node,
    };

    private async Task ChooseFirstAsync(LabelSet? labels, CancellationToken cancellationToken)
    {
        try
        {
            Choose(await _chooser.ChooseAsync(_refused, cancellationToken));
            LogChosen(Target, _choice!.Reason);
        }
        catch (KubernetesException exception)
        {
            // Most likely it was right, and NFD would drop its labels at the end of its lease.
            if (labels is not null && _file.IsThere)
                await _file.PublishAsync(labels, cancellationToken);

            var reason = _node.NodeReason(exception);
            TellOfFile(Refusal.StateOf(exception), reason);
            throw new LabelPublishException($"How to publish the labels of {_node.Target} cannot be decided yet: {reason}", exception);
        }
    }

    /// <returns>Whether there is another way now.</returns>
    private async Task<bool> ChooseAgainAsync(CancellationToken cancellationToken)
    {
        LabelWayChoice choice;
        try
        {
            choice = await _chooser.ChooseAsync(_refused, cancellationToken);
        }
        catch (KubernetesException)
        {
            // Whoever does not answer gives no reason to leave what was right before.
            return false;
        }

        var (oldTarget, oldWay) = (Target, _choice!.Way);
        if (choice.Way == oldWay)
        {
            _choice = choice;
            _seesNfd = choice.HasNfd;
            return false;
        }

        Choose(choice);
        LogMoving(oldTarget, Target, choice.Reason);
        return true;
    }

    private void Choose(LabelWayChoice choice)
    {
        _choice = choice;
        _seesNfd = choice.HasNfd;
        _chosenAt = _timeProvider.GetTimestamp();
        _left.UnionWith(Enum.GetValues<LabelWay>());
        _left.Remove(choice.Way);
    }

    private async Task<PublishResult> PublishAndLookAsync(LabelSet labels, bool isDue, CancellationToken cancellationToken)
    {
        // A way may be refused, and the next one too.
        for (var mayChoose = 3; ; mayChoose--)
        {
            try
            {
                var result = await Current.PublishAsync(labels, cancellationToken);
                await LookAsync(labels, result, isDue, cancellationToken);
                if (_seesNfd == _choice!.HasNfd || mayChoose == 0 || !await ChooseAgainAsync(cancellationToken))
                    return result;
            }
            catch (LabelPublishException exception) when (mayChoose > 0 && IsRefused(exception))
            {
                _refused.Add(_choice!.Way);
                if (!await ChooseAgainAsync(cancellationToken))
                    throw;
            }
        }
    }

    /// <summary>Takes what the last reading of the Node showed; reads it where that is not done by the publishing itself.</summary>
    private async Task LookAsync(LabelSet labels, PublishResult result, bool isDue, CancellationToken cancellationToken)
    {
        if (_choice!.Way != LabelWay.File)
        {
            _seesNfd = (_choice.Way == LabelWay.Node ? _node.SeesNfd : _nodeFeature!.SeesNfd) ?? _seesNfd;
            return;
        }

        var isWritten = result is not (PublishResult.Unchanged or PublishResult.Renewed);
        if (isWritten)
            TellOfFile(LabelPublicationState.Pending, "", isPublished: true);
        if (_choice.HasNfd is null || !(isDue || isWritten || _ofFile.State != LabelPublicationState.InForce))
            return;

        try
        {
            var node = await _node.ReadAsync(cancellationToken);
            _seesNfd = node.HasNfd;
            var isNew = _ofFile.PublishedAt is { } at && _timeProvider.GetUtcNow() - at < Settling;
            var (state, reason) = node.StandingOf(labels, isNew);
            TellOfFile(state, reason, isVerified: true);
        }
        catch (KubernetesException exception)
        {
            TellOfFile(LabelPublicationState.Unknown, $"{Target} is written, and {_node.Target} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Takes away what was published in other ways, by this run or an earlier one, as far as the Node does not need it.</summary>
    private async Task WithdrawAsync(LabelSet labels, bool isDue, CancellationToken cancellationToken)
    {
        if (_left.Count == 0 || _choice!.HasNfd is null)
            return;

        var isInForce = Publication?.State == LabelPublicationState.InForce;
        var elapsed = _timeProvider.GetElapsedTime(_chosenAt);
        foreach (var way in new List<LabelWay>(_left))
        {
            try
            {
                var isDone = way switch
                {
                    LabelWay.Node => (elapsed < HandingOver || isDue) && await _node.HandOverAsync(labels, cancellationToken),
                    // What we have put on the Node itself needs no time to settle.
                    _ when !isInForce || (_choice.Way != LabelWay.Node && elapsed < Settling) => false,
                    LabelWay.NodeFeature => await RemoveNodeFeatureAsync(cancellationToken),
                    _ => RemoveFile(),
                };
                if (isDone)
                    _left.Remove(way);
            }
            catch (LabelPublishException exception) when (IsRefused(exception))
            {
                _left.Remove(way);
                LogNotWithdrawn(exception.Message);
            }
            catch (LabelPublishException exception)
            {
                LogNotWithdrawn(exception.Message);
            }
        }
    }

    private async Task<bool> RemoveNodeFeatureAsync(CancellationToken cancellationToken)
    {
        if (_nodeFeature is not null && await _nodeFeature.PublishAsync(LabelSet.Empty, cancellationToken) == PublishResult.Removed)
            LogWithdrawn(_nodeFeature.Target);

        return true;
    }

    private bool RemoveFile()
    {
        if (_file.Remove())
            LogWithdrawn(_file.Target);

        return true;
    }

    /// <summary>The API server does not serve it, or not to us.</summary>
    private static bool IsRefused(LabelPublishException exception) => exception.InnerException is KubernetesException
    {
        StatusCode: HttpStatusCode.Forbidden,
    } or KubernetesException { StatusCode: HttpStatusCode.NotFound, Reason: "" };

    private void TellOfFile(LabelPublicationState state, string reason, bool isPublished = false, bool isVerified = false) =>
        Volatile.Write(ref _ofFile, new LabelPublication(
            state, reason,
            isPublished ? _timeProvider.GetUtcNow() : _ofFile.PublishedAt,
            isVerified ? _timeProvider.GetUtcNow() : _ofFile.VerifiedAt));

    [LoggerMessage(1, LogLevel.Information, "Publishing to {Target}: {Reason}", EventName = "Chosen")]
    private partial void LogChosen(string target, string reason);

    [LoggerMessage(2, LogLevel.Information, "Moving from {Old} to {Target}: {Reason}", EventName = "Moving")]
    private partial void LogMoving(string old, string target, string reason);

    [LoggerMessage(3, LogLevel.Information, "Took away {Target}, which is no longer needed", EventName = "Withdrawn")]
    private partial void LogWithdrawn(string target);

    [LoggerMessage(4, LogLevel.Debug, "{Failure}", EventName = "NotWithdrawn")]
    private partial void LogNotWithdrawn(string failure);
}
