using System.Text.Json;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>The labels of a Node as the API server answered it, and whose they are.</summary>
internal sealed class NodeState
{
    /// <summary>Whose fields ours are. The name is in every Node that was ever labelled: never change it.</summary>
    public const string FieldManager = "npu-feature-discovery";

    private const string NfdAnnotation = "nfd.node.kubernetes.io/feature-labels";
    private const string NfdDefaultPrefix = "feature.node.kubernetes.io/";
    private const string FieldPrefix = "f:";

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nfdKeys = new(StringComparer.Ordinal);
    private readonly List<(string Manager, string Operation, HashSet<string> Keys)> _managers = [];

    public NodeState(JsonElement node)
    {
        if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty("metadata", out var metadata)
            || Text(metadata, "uid") is not { Length: > 0 } uid)
            throw new KubernetesException("The answer is no Node. Check the API server's address.");

        Uid = uid;
        foreach (var label in Members(metadata, "labels"))
            _labels[label.Name] = label.Value.GetString() ?? "";

        foreach (var annotation in Members(metadata, "annotations"))
        {
            // An NFD that was given a name (-instance) puts it before that of the annotation.
            if (!('.' + annotation.Name).EndsWith('.' + NfdAnnotation, StringComparison.Ordinal))
                continue;

            HasNfd = true;
            var keys = (annotation.Value.GetString() ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
            _nfdKeys.UnionWith(keys.Select(key => key.Contains('/', StringComparison.Ordinal) ? key : NfdDefaultPrefix + key));
        }

        if (!metadata.TryGetProperty("managedFields", out var managers))
            return;

        foreach (var manager in managers.EnumerateArray())
            _managers.Add((Text(manager, "manager"), Text(manager, "operation"), LabelKeys(manager)));
    }

    public string Uid { get; }

    /// <summary>Whether Node Feature Discovery labels this Node.</summary>
    public bool HasNfd { get; }

    /// <summary>Where our entry stands among those of the managers; -1 where we applied nothing.</summary>
    public int OwnEntry => _managers.FindIndex(IsOwn);

    public int ManagerCount => _managers.Count;

    /// <summary>The labels that we applied, and that nobody has changed since.</summary>
    public IReadOnlySet<string> AppliedKeys => _managers.Find(IsOwn).Keys ?? [];

    /// <summary>The labels that we applied, as they are.</summary>
    public IReadOnlyList<string> AppliedLabels =>
        [.. AppliedKeys.Order(StringComparer.Ordinal).Select(key => $"{key}={_labels.GetValueOrDefault(key)}")];

    public bool IsOfNfd(string key) => _nfdKeys.Contains(key);

    public bool Has(Label label) => _labels.GetValueOrDefault(label.Key) == label.Value;

    /// <summary>Whether an apply of just these labels would change nothing.</summary>
    public bool IsApplied(IReadOnlyCollection<Label> labels) =>
        AppliedKeys.SetEquals(labels.Select(label => label.Key)) && labels.All(Has);

    /// <summary>What stands in a label's place, for people.</summary>
    public string Describe(Label label)
    {
        if (!_labels.TryGetValue(label.Key, out var value))
            return $"{label} is not there";

        var holder = IsOfNfd(label.Key) ? "Node Feature Discovery"
            : _managers.Find(manager => !IsOwn(manager) && manager.Keys.Contains(label.Key)).Manager is { } name ? $"'{name}'"
            : "someone";
        return $"{label.Key} is '{value}' by {holder}, in place of '{label.Value}'";
    }

    /// <summary>How labels stand that Node Feature Discovery is to put on the Node.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="isNew">Whether NFD may not have come to them yet: of old values nobody can tell whose they are.</param>
    public (LabelPublicationState State, string Reason) StandingOf(LabelSet labels, bool isNew)
    {
        Label[] others = [.. labels.Labels.Where(label => !Has(label))];
        var state = others.Length == 0 ? LabelPublicationState.InForce
            : isNew || others.All(label => !_labels.ContainsKey(label.Key)) ? LabelPublicationState.Pending
            : LabelPublicationState.Overridden;
        return (state, string.Join("; ", others.Select(Describe)));
    }

    private static bool IsOwn((string Manager, string Operation, HashSet<string> Keys) manager) =>
        manager is { Manager: FieldManager, Operation: "Apply" };

    private static HashSet<string> LabelKeys(JsonElement manager)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        if (!manager.TryGetProperty("fieldsV1", out var fields) || !fields.TryGetProperty(FieldPrefix + "metadata", out var metadata))
            return keys;

        foreach (var field in Members(metadata, FieldPrefix + "labels"))
        {
            if (field.Name.StartsWith(FieldPrefix, StringComparison.Ordinal))
                keys.Add(field.Name[FieldPrefix.Length..]);
        }

        return keys;
    }

    private static IEnumerable<JsonProperty> Members(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Object)
            yield break;

        foreach (var member in value.EnumerateObject())
            yield return member;
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
