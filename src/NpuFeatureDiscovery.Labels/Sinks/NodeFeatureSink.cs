using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Publishes labels, and the cards that they were made of, as a NodeFeature object, of which Node Feature Discovery makes
/// labels of the Node. Needs the verbs <c>create</c>, <c>patch</c> and <c>delete</c> on nodefeatures in one namespace; and
/// <c>patch</c> on nodes to see what became of the labels.
/// </summary>
/// <remarks>https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/custom-resources.html#nodefeature</remarks>
public sealed class NodeFeatureSink : ILabelSink
{
    /// <summary>A change takes NFD a few seconds.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private readonly NodeFeatureSinkOptions _options;
    private readonly KubernetesClient _client;
    private readonly KubernetesObjectName _node;
    private readonly KubernetesObjectName _feature;
    private readonly KubernetesObjectName? _pod;
    private readonly TimeProvider _timeProvider;
    private readonly Resync _resync;
    private LabelSet? _published;
    private JsonArray? _owners;
    private LabelPublication _publication = new(LabelPublicationState.Unknown);

    /// <param name="options">Which Node, and where.</param>
    /// <param name="client">Calls the API server; stays open.</param>
    /// <param name="timeProvider">Tells when to look again; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The Node's or the pod's name is not allowed, or there is no namespace.</exception>
    public NodeFeatureSink(NodeFeatureSinkOptions options, KubernetesClient client, TimeProvider? timeProvider = null)
    {
        if (NodeFeatureSinkOptions.Error(options, client.Configuration) is { } error)
            throw new ArgumentException(error, nameof(options));

        _options = options;
        _client = client;
        _node = KubernetesResource.Nodes.Named(options.NodeName);
        _feature = Resource.Named(
            NodeFeatureObject.NameFor(options.NodeName), options.Namespace ?? client.Configuration.Namespace);
        _pod = options.PodName is { Length: > 0 } pod ? KubernetesResource.Pods.Named(pod, _feature.Namespace) : null;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _resync = new Resync(options.Resync, _timeProvider);
    }

    /// <summary>What the API server of a cluster with NFD 0.12 or later serves.</summary>
    public static KubernetesResource Resource { get; } = new("nfd.k8s-sigs.io", "v1alpha1", "nodefeatures", "NodeFeature");

    /// <summary>The NodeFeature object, for people.</summary>
    public string Target => _feature.ToString();

    /// <inheritdoc/>
    public LabelPublication? Publication => Volatile.Read(ref _publication);

    /// <summary>
    /// Publishes a set of labels in place of what was published before; asks nobody where it was seen in force less than
    /// <see cref="NodeSinkOptions.Resync"/> ago. Without labels there is no object.
    /// </summary>
    /// <exception cref="LabelPublishException">It could not; what was published before is untouched.</exception>
    public async ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        var isKnown = labels.Labels.Equals(_published?.Labels) && labels.Devices.Equals(_published.Devices);
        if (isKnown && !_resync.IsDue)
            return PublishResult.Unchanged;

        try
        {
            var isWritten = labels.Labels.Count > 0
                ? await WriteAsync(labels, cancellationToken)
                : await _client.DeleteAsync(_feature, cancellationToken);
            if (isWritten)
                Tell(LabelPublicationState.Pending, "", publishedAt: _timeProvider.GetUtcNow());

            _published = labels;
            await TellOfNodeAsync(labels, cancellationToken);
            if (_publication.State == LabelPublicationState.Pending)
                _resync.Expire();
            else
                _resync.Postpone();

            return !isWritten ? PublishResult.Unchanged
                : labels.Labels.Count == 0 ? PublishResult.Removed
                : isKnown ? PublishResult.Restored
                : PublishResult.Written;
        }
        catch (KubernetesException exception)
        {
            _resync.Expire();
            var reason = IsNotServed(exception)
                ? $"{_client.Configuration.Server} does not serve {Resource.ApiVersion}: there is no Node Feature Discovery 0.12 or "
                    + "later, or its CustomResourceDefinitions are not installed. Label the Node itself, or write a feature file."
                : exception.Message;
            Tell(Refusal.StateOf(exception), reason);
            throw new LabelPublishException($"{Target} is not written: {reason}", exception);
        }
    }

    /// <summary>The labels that the object holds now; none where there is no object.</summary>
    /// <exception cref="LabelPublishException">The object cannot be read.</exception>
    public async ValueTask<IReadOnlyList<string>> ReadPublishedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var labels = (await FindAsync(cancellationToken))?.Member("spec")?.Texts("labels") ?? [];
            var published = new List<string>(labels.Count);
            foreach (var (key, value) in labels)
                published.Add($"{key}={value}");

            return published;
        }
        catch (KubernetesException exception) when (IsNotServed(exception))
        {
            return [];
        }
        catch (KubernetesException exception)
        {
            throw new LabelPublishException($"{Target} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the Node and tells how these labels stand there; writes nothing.</summary>
    public async Task<LabelPublication> VerifyAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        await TellOfNodeAsync(labels, cancellationToken);
        return _publication;
    }

    /// <summary>Does nothing: the object stays, as long as the DaemonSet that owns it.</summary>
    public ValueTask LeaveAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Whether Node Feature Discovery labelled the Node when it was last read; null where it could not be.</summary>
    internal bool? SeesNfd { get; private set; }

    /// <summary>Whether the account may patch the object, be it there or not.</summary>
    internal async Task<bool> MayWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FindAsync(cancellationToken);
            return true;
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.Forbidden || IsNotServed(exception))
        {
            return false;
        }
    }

    private async Task<bool> WriteAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        _owners ??= await ReadOwnersAsync(cancellationToken);
        var wanted = NodeFeatureContent.Create(_options.NodeName, labels, _owners);
        if (await FindAsync(cancellationToken) is { } found && NodeFeatureContent.IsIn(found, wanted))
            return false;

        await _client.ApplyAsync(_feature, wanted, NodeState.FieldManager, _options.ForceConflicts, cancellationToken);
        return true;
    }

    /// <summary>By an empty merge patch, which needs no verb beyond those that writing does.</summary>
    private async Task<JsonElement?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _client.MergePatchAsync(_feature, [], NodeState.FieldManager, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.NotFound && !IsNotServed(exception))
        {
            return null;
        }
    }

    /// <summary>
    /// The DaemonSet of our pod; nobody where it cannot be known. Not the pod: at every restart its end would be the object's,
    /// and so the labels'.
    /// </summary>
    private async Task<JsonArray> ReadOwnersAsync(CancellationToken cancellationToken)
    {
        if (_pod is null)
            return [];

        try
        {
            return NodeFeatureContent.OwnersOf(await _client.GetAsync(_pod, cancellationToken));
        }
        catch (KubernetesException exception)
            when (exception.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return [];
        }
    }

    private async Task TellOfNodeAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        NodeState node;
        try
        {
            node = new NodeState(await _client.MergePatchAsync(_node, [], NodeState.FieldManager, cancellationToken));
        }
        catch (KubernetesException exception)
        {
            Tell(LabelPublicationState.Unknown, $"{Target} is written, and {_node} cannot be read: {exception.Message}");
            return;
        }

        SeesNfd = node.HasNfd;
        var isNew = _publication.PublishedAt is { } at && _timeProvider.GetUtcNow() - at < Grace;
        var (state, reason) = node.StandingOf(labels, isNew);
        Tell(state, reason, verifiedAt: _timeProvider.GetUtcNow());
    }

    /// <summary>A 404 that is no answer about the object, but about its API.</summary>
    private static bool IsNotServed(KubernetesException exception) =>
        exception.StatusCode == HttpStatusCode.NotFound && exception.Reason.Length == 0;

    private void Tell(
        LabelPublicationState state, string reason, DateTimeOffset? publishedAt = null, DateTimeOffset? verifiedAt = null) =>
        Volatile.Write(ref _publication, new LabelPublication(
            state, reason, publishedAt ?? _publication.PublishedAt, verifiedAt ?? _publication.VerifiedAt));
}
