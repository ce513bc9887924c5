using System.Net;
using System.Text.Json;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>
/// Reads once what the checks judge, with the fewest rights: GETs, and a dry run of an empty patch where an account may patch the
/// Node and not get it. A server that does not answer one call is asked for nothing more.
/// </summary>
internal sealed class ClusterReader(DoctorContext context, KubernetesClient client)
{
    public const string ServerCheck = "api-server";

    /// <summary>Of one call.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Of all calls together, before the deadline of a check: what was read by then is judged.</summary>
    private static readonly TimeSpan WholeTimeout = TimeSpan.FromSeconds(10);

    private const string NodeCheck = "node";
    private const int MaxNames = 1000;

    /// <summary>Every name begins with a letter of some other.</summary>
    private const int MinBeginning = 3;

    /// <summary>NFD knows a Node by the value of a label.</summary>
    private const int MaxLabelLength = 63;

    private readonly Refusals _refusals = new();
    private readonly List<Finding> _findings = [];
    private readonly long _startedAt = context.TimeProvider.GetTimestamp();
    private bool _isLost;

    /// <summary>What of the cluster is not as it should be where it was read.</summary>
    public IReadOnlyList<Finding> Findings => [.. _findings, .. _refusals.ToFindings(client.Configuration.Source)];

    public async Task<ClusterFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var facts = new ClusterFacts(context);
        var version = await TryAsync(token => client.GetServerVersionAsync(token), LoseServer, cancellationToken);
        if (version is null)
            return facts;

        _findings.Add(new Finding(
            FindingLevel.Ok, ServerCheck,
            $"{client.Configuration.Server} answers, Kubernetes {version}, to {client.Configuration.Source}."));
        if (!client.Configuration.VerifiesServer)
            _findings.Add(new Finding(
                FindingLevel.Warning, ServerCheck, $"Anybody on the way to {client.Configuration.Server} can answer in its place.",
                $"{client.Configuration.Source} gives an address without TLS, or says insecure-skip-tls-verify.",
                "Give an https address and its certificate-authority."));

        facts = facts with { Node = await ReadNodeAsync(cancellationToken) };
        facts = facts with { NodeFeatures = await ReadNodeFeaturesAsync(cancellationToken) };
        facts = facts with { Pods = await ReadPodsAsync($"spec.nodeName={context.NodeName}", _ => true, cancellationToken) };
        return facts.Pods is null
            ? facts
            : facts with
            {
                PendingPods = await ReadPodsAsync("status.phase=Pending", pod => pod.Requests.Count > 0, cancellationToken),
            };
    }

    private async Task<ClusterNode?> ReadNodeAsync(CancellationToken cancellationToken)
    {
        var name = KubernetesResource.Nodes.Named(context.NodeName);
        var isUnknown = false;
        var node = await TryAsync(
            async token =>
            {
                try
                {
                    return (JsonElement?)await client.GetAsync(name, token);
                }
                catch (KubernetesException refusal) when (Refusals.IsRefusal(refusal))
                {
                    return await PatchNothingAsync(name, refusal, token);
                }
            },
            exception =>
            {
                if (Refusals.IsRefusal(exception))
                    _refusals.Add("get", KubernetesResource.Nodes, "the Node, its labels and resources");
                else if (exception.StatusCode == HttpStatusCode.NotFound)
                    isUnknown = true;
                else
                    LoseServer(exception);
            },
            cancellationToken);
        if (isUnknown)
            await TellUnknownNodeAsync(cancellationToken);
        if (node is not { } answer)
            return null;

        try
        {
            var found = new ClusterNode(answer, context.IsNpuResource);
            TellNode(found);
            return found;
        }
        catch (KubernetesException exception)
        {
            LoseServer(exception);
            return null;
        }
    }

    private async Task<JsonElement> PatchNothingAsync(
        KubernetesObjectName name, KubernetesException refusal, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetByPatchAsync(name, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.BadRequest)
        {
            // By a webhook that allows no dry run.
            throw refusal;
        }
    }

    private void TellNode(ClusterNode node)
    {
        if (node.NotReady is { } reason)
            _findings.Add(new Finding(FindingLevel.Problem, NodeCheck, $"{node} is not ready.", reason,
                "See whether its kubelet runs and what it logs."));
        else if (node.IsCordoned)
            _findings.Add(new Finding(
                FindingLevel.Warning, NodeCheck, $"{node} is cordoned: it takes no new Pods.", null,
                $"kubectl uncordon {node.Name}"));
        else
            _findings.Add(new Finding(
                FindingLevel.Ok, NodeCheck,
                $"{node} is there{(node.KubeletVersion is { } version ? $", kubelet {version}" : "")}."));
    }

    private async Task TellUnknownNodeAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await TryAsync(
            async token =>
            {
                await foreach (var node in client.ListAsync(KubernetesResource.Nodes, new KubernetesSelector(), token))
                {
                    names.Add(node.Member("metadata")?.Text("name") ?? "");
                    if (names.Count == MaxNames)
                        break;
                }

                return names;
            },
            exception =>
            {
                if (Refusals.IsRefusal(exception))
                    _refusals.Add("list", KubernetesResource.Nodes, "what the Nodes are called");
            },
            cancellationToken);

        string[] similar = [.. names.Where(name => IsLike(name, context.NodeName))];
        _findings.Add(new Finding(
            FindingLevel.Problem, NodeCheck, $"There is no Node '{context.NodeName}', so nothing of it could be checked.",
            similar.Length > 0 ? $"There is {NameList.Of(similar.Select(name => $"'{name}'"))}."
                : names.Count is > 0 and <= 5 ? $"There is {NameList.Of(names.Select(name => $"'{name}'"))}."
                : null,
            "Give the name that 'kubectl get nodes' shows (--node-name, or NODE_NAME by the downward API)."));
    }

    /// <summary>A host's name with and without its domain, or one that is the beginning of the other.</summary>
    private static bool IsLike(string name, string wanted) =>
        name.Split('.')[0].Equals(wanted.Split('.')[0], StringComparison.OrdinalIgnoreCase)
        || (wanted.Length >= MinBeginning && name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
        || (name.Length >= MinBeginning && wanted.StartsWith(name, StringComparison.OrdinalIgnoreCase));

    private async Task<IReadOnlyList<NodeFeatureObject>?> ReadNodeFeaturesAsync(CancellationToken cancellationToken)
    {
        var resource = NodeFeatureSink.Resource;
        var isServed = await TryAsync(
            async token => await client.ServesAsync(resource, token) ? "yes" : "no", LoseServer, cancellationToken);
        if (isServed is not "yes")
            return isServed is null ? null : [];
        if (context.NodeName.Length > MaxLabelLength)
            return [];

        return await TryAsync(
            async token =>
            {
                var features = new List<NodeFeatureObject>();
                var selector = new KubernetesSelector { Labels = NodeFeatureObject.SelectorFor(context.NodeName) };
                await foreach (var feature in client.ListAsync(resource, selector, token))
                    features.Add(new NodeFeatureObject(feature));

                return features;
            },
            exception =>
            {
                if (Refusals.IsRefusal(exception))
                    _refusals.Add("list", resource, "NodeFeature objects, and how NFD works");
                else
                    LoseServer(exception);
            },
            cancellationToken);
    }

    private Task<List<ClusterPod>?> ReadPodsAsync(
        string fields, Func<ClusterPod, bool> isWanted, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            var pods = new List<ClusterPod>();
            var selector = new KubernetesSelector { Fields = fields };
            await foreach (var item in client.ListAsync(KubernetesResource.Pods, selector, token))
            {
                var pod = new ClusterPod(item, context.IsNpuResource);
                if (isWanted(pod))
                    pods.Add(pod);
            }

            return pods;
        },
        exception =>
        {
            if (Refusals.IsRefusal(exception))
                _refusals.Add("list", KubernetesResource.Pods, "what Pods of this Node ask for, and which wait");
            else
                LoseServer(exception);
        },
        cancellationToken);

    /// <summary>Nothing more can be learned of it.</summary>
    private void LoseServer(KubernetesException exception)
    {
        _isLost = true;
        // The message says what to do as well.
        _findings.Add(_findings.Count == 0
            ? new Finding(
                FindingLevel.Problem, ServerCheck, "The API server could not be asked.",
                $"{exception.Message} Not checked therefore: the Node, its labels and resources, NFD, and Pods.")
            : new Finding(
                FindingLevel.Problem, ServerCheck, "The API server could not be asked any further.",
                $"{exception.Message} Not checked therefore: what is not said below of the Node, its labels and resources, NFD, "
                + "and Pods."));
    }

    private async Task<T?> TryAsync<T>(
        Func<CancellationToken, Task<T>> call, Action<KubernetesException> fail, CancellationToken cancellationToken)
    {
        if (_isLost)
            return default;

        var left = Math.Max(0, (WholeTimeout - context.TimeProvider.GetElapsedTime(_startedAt)).Ticks);
        using var deadline = new CancellationTokenSource(TimeSpan.FromTicks(Math.Min(left, Timeout.Ticks)), context.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await call(linked.Token);
        }
        catch (KubernetesException exception)
        {
            fail(exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LoseServer(new KubernetesException(
                $"It did not answer within {Timeout.TotalSeconds:0} s. Is the API server well, and does a firewall let us "
                + "through?"));
        }

        return default;
    }
}
