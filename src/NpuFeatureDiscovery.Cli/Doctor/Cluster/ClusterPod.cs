using System.Text.Json;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>A Pod as the API server tells it: what it asks for, where it may run, and how it fares.</summary>
internal sealed class ClusterPod
{
    /// <param name="pod">What the API server answered.</param>
    /// <param name="isNpuResource">Which resources are of interest.</param>
    public ClusterPod(JsonElement pod, Func<string, bool> isNpuResource)
    {
        var metadata = pod.Member("metadata") ?? default;
        (Namespace, Name) = (metadata.Text("namespace") ?? "", metadata.Text("name") ?? "");

        var spec = pod.Member("spec") ?? default;
        NodeName = spec.Text("nodeName") ?? "";
        NodeSelector = spec.Texts("nodeSelector");
        Terms = NodeTerm.Of(spec);
        foreach (var toleration in spec.Items("tolerations"))
            Tolerations.Add(new Toleration(
                toleration.Text("key") ?? "", toleration.Text("operator") ?? "Equal", toleration.Text("value") ?? "",
                toleration.Text("effect") ?? ""));

        Requests = RequestsOf(spec, isNpuResource);
        foreach (var container in spec.Items("containers"))
            Images.Add(container.Text("image") ?? "");

        var status = pod.Member("status") ?? default;
        Phase = status.Text("phase") ?? "";
        (Reason, Message) = (status.Text("reason"), status.Text("message"));
        foreach (var condition in status.Items("conditions"))
        {
            if (condition.Text("type") == "PodScheduled" && condition.Text("status") != "True")
                Unscheduled = $"{condition.Text("reason")}: {condition.Text("message")}";
            if (condition.Text("type") == "Ready" && condition.Text("status") == "True")
                IsReady = true;
        }

        Waiting = WaitingOf(status);
    }

    public string Namespace { get; }

    public string Name { get; }

    /// <summary>The Node that it was given to; empty before.</summary>
    public string NodeName { get; }

    public Dictionary<string, string> NodeSelector { get; }

    /// <summary>Of which one has to fit the Node; none where any Node will do.</summary>
    public IReadOnlyList<NodeTerm> Terms { get; }

    public List<Toleration> Tolerations { get; } = [];

    /// <summary>How many NPUs it asks for, by resource.</summary>
    public Dictionary<string, long> Requests { get; }

    public List<string> Images { get; } = [];

    public string Phase { get; }

    public bool IsReady { get; }

    /// <summary>Whether it takes up no resources any more.</summary>
    public bool IsOver => Phase is "Succeeded" or "Failed";

    public string? Reason { get; }

    public string? Message { get; }

    /// <summary>What the scheduler says of a Pod that has no Node yet.</summary>
    public string? Unscheduled { get; }

    /// <summary>What its containers wait for; null where they do not.</summary>
    public string? Waiting { get; }

    public override string ToString() => $"Pod '{Namespace}/{Name}'";

    /// <summary>
    /// As the scheduler counts: all containers together, or an init container that asks for more, since those run one after another.
    /// </summary>
    private static Dictionary<string, long> RequestsOf(JsonElement spec, Func<string, bool> isNpuResource)
    {
        var requests = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var container in spec.Items("containers"))
            Quantities.Add(requests, RequestsOfContainer(container));

        foreach (var container in spec.Items("initContainers"))
        {
            foreach (var (name, amount) in RequestsOfContainer(container))
                requests[name] = Math.Max(amount, requests.GetValueOrDefault(name));
        }

        return requests;

        // The API server makes requests of the limits of an extended resource.
        Dictionary<string, long> RequestsOfContainer(JsonElement container) =>
            Quantities.Of(container.Member("resources") ?? default, "requests", isNpuResource);
    }

    private static string? WaitingOf(JsonElement status)
    {
        foreach (var list in (string[])["initContainerStatuses", "containerStatuses"])
        {
            foreach (var container in status.Items(list))
            {
                if (container.Member("state")?.Member("waiting") is { } waiting)
                    return waiting.Text("message") is { Length: > 0 } message
                        ? $"{waiting.Text("reason")}: {message}"
                        : waiting.Text("reason");
            }
        }

        return null;
    }
}
