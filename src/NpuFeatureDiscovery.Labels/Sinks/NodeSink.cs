using System.Net;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Puts labels on the Node itself, by server-side apply. Needs the verb <c>patch</c> on nodes, and nothing else.
/// </summary>
/// <remarks>
/// A label that is no longer wanted goes with the next apply, since the API server knows whose it is; labels of others are
/// never touched. A label that Node Feature Discovery publishes on that Node is left to it.
/// </remarks>
public sealed class NodeSink : ILabelSink
{
    private const int MaxAttempts = 3;

    private readonly KubernetesClient _client;
    private readonly KubernetesObjectName _node;
    private readonly bool _force;
    private readonly TimeProvider _timeProvider;
    private readonly Resync _resync;
    private EquatableArray<Label>? _published;
    private LabelPublication _publication = new(LabelPublicationState.Unknown);

    /// <param name="options">Which Node, and how.</param>
    /// <param name="client">Calls the API server; stays open.</param>
    /// <param name="timeProvider">Tells when to look again; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The Node's name is not allowed.</exception>
    public NodeSink(NodeSinkOptions options, KubernetesClient client, TimeProvider? timeProvider = null)
    {
        if (NodeSinkOptions.NodeNameError(options.NodeName) is { } error)
            throw new ArgumentException(error, nameof(options));

        _client = client;
        _node = KubernetesResource.Nodes.Named(options.NodeName);
        _force = options.ForceConflicts;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _resync = new Resync(options.Resync, _timeProvider);
    }

    /// <summary>The Node, for people.</summary>
    public string Target => _node.ToString();

    /// <inheritdoc/>
    public LabelPublication? Publication => Volatile.Read(ref _publication);

    /// <summary>
    /// Publishes a set of labels in place of what was published before; asks nobody where it did so less than
    /// <see cref="NodeSinkOptions.Resync"/> ago.
    /// </summary>
    /// <exception cref="LabelPublishException">It could not; what was published before is untouched.</exception>
    public async ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        if (labels.Labels.Equals(_published) && !_resync.IsDue)
            return PublishResult.Unchanged;

        try
        {
            var (isWritten, node) = await BringInForceAsync(labels, onlyHeld: false, cancellationToken);
            TellInForce(labels, node);
            var result = !isWritten ? PublishResult.Unchanged
                : labels.Labels.Count == 0 ? PublishResult.Removed
                : labels.Labels.Equals(_published) ? PublishResult.Restored
                : PublishResult.Written;
            _published = labels.Labels;
            _resync.Postpone();
            return result;
        }
        catch (KubernetesException exception)
        {
            _resync.Expire();
            var state = Refusal.StateOf(exception);
            var reason = state == LabelPublicationState.Overridden ? ConflictReason(exception) : NodeReason(exception);
            Tell(state, reason);
            throw new LabelPublishException($"The labels of {Target} are not written: {reason}", exception);
        }
    }

    /// <summary>Reads the Node and tells how these labels stand there; writes nothing.</summary>
    /// <exception cref="LabelPublishException">The Node cannot be read.</exception>
    public async Task<LabelPublication> VerifyAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        try
        {
            TellInForce(labels, await ReadAsync(cancellationToken));
            return _publication;
        }
        catch (KubernetesException exception)
        {
            throw NotRead(exception);
        }
    }

    /// <summary>The labels of the Node that are ours.</summary>
    /// <exception cref="LabelPublishException">The Node cannot be read.</exception>
    public async ValueTask<IReadOnlyList<string>> ReadPublishedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadAsync(cancellationToken)).AppliedLabels;
        }
        catch (KubernetesException exception)
        {
            throw NotRead(exception);
        }
    }

    /// <summary>Does nothing: the labels stay, as long as the Node.</summary>
    public ValueTask LeaveAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Whether Node Feature Discovery labelled the Node when it was last read; null where it could not be.</summary>
    internal bool? SeesNfd { get; private set; }

    /// <summary>
    /// Withdraws while others publish the same labels: those that NFD has adopted are given up to it unchanged, those that are no
    /// longer wanted go, and the rest stays until NFD adopts it.
    /// </summary>
    /// <returns>Whether nothing on the Node is ours any more.</returns>
    /// <exception cref="LabelPublishException">It could not.</exception>
    internal async Task<bool> HandOverAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        _published = null;
        try
        {
            var (_, node) = await BringInForceAsync(labels, onlyHeld: true, cancellationToken);
            return node.AppliedKeys.Count == 0;
        }
        catch (KubernetesException exception)
        {
            throw new LabelPublishException($"The labels of {Target} are not handed over: {NodeReason(exception)}", exception);
        }
    }

    /// <summary>
    /// By an empty merge patch: answers the Node to an account that may not read it, changes nothing, and never creates a Node.
    /// </summary>
    /// <exception cref="KubernetesException">The Node cannot be read.</exception>
    internal async Task<NodeState> ReadAsync(CancellationToken cancellationToken)
    {
        var node = new NodeState(await _client.MergePatchAsync(_node, [], NodeState.FieldManager, cancellationToken));
        SeesNfd = node.HasNfd;
        return node;
    }

    private async Task<(bool IsWritten, NodeState Node)> BringInForceAsync(
        LabelSet labels, bool onlyHeld, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var node = await ReadAsync(cancellationToken);
            try
            {
                string[] adopted = [.. node.AppliedKeys.Where(node.IsOfNfd)];
                if (adopted.Length > 0)
                    node = new NodeState(await _client.JsonPatchAsync(
                        _node, LabelHandOver.Operations(node, adopted), NodeState.FieldManager, cancellationToken));

                Label[] wanted =
                [
                    .. labels.Labels.Where(label =>
                        !node.IsOfNfd(label.Key) && (!onlyHeld || node.AppliedKeys.Contains(label.Key))),
                ];
                var isWritten = !node.IsApplied(wanted);
                if (isWritten)
                {
                    node = await ApplyAsync(wanted, node.Uid, cancellationToken);
                    Tell(LabelPublicationState.Pending, "", publishedAt: _timeProvider.GetUtcNow());
                }

                return (isWritten, node);
            }
            catch (KubernetesException exception) when (attempt < MaxAttempts && IsAnotherByNow(exception))
            {
                // The Node was deleted, created again or changed since it was read.
            }
        }
    }

    private async Task<NodeState> ApplyAsync(Label[] labels, string uid, CancellationToken cancellationToken)
    {
        var values = new JsonObject();
        foreach (var label in labels)
            values[label.Key] = label.Value;

        // With the uid an apply can neither create a Node nor label another one of the same name.
        var content = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid, ["labels"] = values } };
        return new NodeState(await _client.ApplyAsync(_node, content, NodeState.FieldManager, _force, cancellationToken));
    }

    /// <summary>
    /// A uid that is no longer right: 409 where the Node is gone, 422 where there is another. A failed test of a JSON patch:
    /// 422 without a cause.
    /// </summary>
    private static bool IsAnotherByNow(KubernetesException exception) => exception.StatusCode switch
    {
        HttpStatusCode.Conflict => exception.Causes.All(cause => cause.ConflictingManager is null),
        HttpStatusCode.UnprocessableEntity => exception.Causes.All(cause => cause.Field == "metadata.uid"),
        _ => false,
    };

    private string ConflictReason(KubernetesException exception)
    {
        const string field = ".metadata.labels.";
        var held = exception.Causes.Where(cause => cause.ConflictingManager is not null)
            .GroupBy(cause => cause.ConflictingManager, cause => cause.Field.Replace(field, "", StringComparison.Ordinal))
            .Select(group => $"'{group.Key}' has set {string.Join(", ", group)} to another value");
        return $"{string.Join("; ", held)}. Remove such a label (kubectl label node {_node.Name} KEY-), or take it over "
            + "(--force-conflicts).";
    }

    /// <summary>Why the Node could not be read or written, with what to do.</summary>
    internal string NodeReason(KubernetesException exception) => exception.StatusCode == HttpStatusCode.NotFound
        ? $"{_client.Configuration.Server} knows no {Target}. Give the name that 'kubectl get nodes' shows (--node-name)."
        : exception.Message;

    private LabelPublishException NotRead(KubernetesException exception)
    {
        Tell(Refusal.StateOf(exception), NodeReason(exception));
        return new LabelPublishException($"{Target} cannot be read: {NodeReason(exception)}", exception);
    }

    private void TellInForce(LabelSet labels, NodeState node)
    {
        string[] others = [.. labels.Labels.Where(label => !node.Has(label)).Select(node.Describe)];
        Tell(
            others.Length == 0 ? LabelPublicationState.InForce : LabelPublicationState.Overridden,
            string.Join("; ", others), verifiedAt: _timeProvider.GetUtcNow());
    }

    private void Tell(
        LabelPublicationState state, string reason, DateTimeOffset? publishedAt = null, DateTimeOffset? verifiedAt = null) =>
        Volatile.Write(ref _publication, new LabelPublication(
            state, reason, publishedAt ?? _publication.PublishedAt, verifiedAt ?? _publication.VerifiedAt));
}
