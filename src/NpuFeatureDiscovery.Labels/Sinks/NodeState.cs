using System.Text.Json;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>The labels of a Node as the API server answered it, and whose they are.</summary>
internal sealed class NodeState
{
    /// <summary>Whose fields ours are. The name is in every Node that was ever labelled: never change it.</summary>
    public const string FieldManager = "npu-feature-discovery";

    private const string NfdAnnotations = "nfd.node.kubernetes.io/";
    private const string NfdLabels = NfdAnnotations + "feature-labels";
    private const string NfdWorkerVersion = NfdAnnotations + "worker.version";
    private const string NfdMasterVersion = NfdAnnotations + "master.version";
    private const string NfdDefaultPrefix = "feature.node.kubernetes.io/";
    private const string FieldPrefix = "f:";

    private readonly HashSet<string> _nfdKeys = new(StringComparer.Ordinal);
    private readonly List<(string Manager, string Operation, HashSet<string> Keys)> _managers = [];

    public NodeState(JsonElement node)
    {
        if (node.Member("metadata") is not { } metadata || metadata.Text("uid") is not { Length: > 0 } uid)
            throw new KubernetesException("The answer is no Node. Check the API server's address.");

        Uid = uid;
        Labels = metadata.Texts("labels");
        foreach (var (name, value) in metadata.Texts("annotations"))
        {
            if (Is(name, NfdWorkerVersion))
                NfdVersion = value;
            else if (Is(name, NfdMasterVersion))
                NfdVersion ??= value;
            if (!Is(name, NfdLabels))
                continue;

            HasNfd = true;
            var keys = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
            _nfdKeys.UnionWith(keys.Select(key => key.Contains('/', StringComparison.Ordinal) ? key : NfdDefaultPrefix + key));
        }

        foreach (var manager in metadata.Items("managedFields"))
            _managers.Add((manager.Text("manager") ?? "", manager.Text("operation") ?? "", LabelKeys(manager)));
    }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public string Uid { get; }

    /// <summary>Whether Node Feature Discovery labels this Node.</summary>
    public bool HasNfd { get; }

    /// <summary>The version of nfd-worker, else of nfd-master; null from 0.15 on, where the Node does not tell it.</summary>
    public string? NfdVersion { get; }

    /// <summary>Where our entry stands among those of the managers; -1 where we applied nothing.</summary>
    public int OwnEntry => _managers.FindIndex(IsOwn);

    public int ManagerCount => _managers.Count;

    /// <summary>The labels that we applied, and that nobody has changed since.</summary>
    public IReadOnlySet<string> AppliedKeys => _managers.Find(IsOwn).Keys ?? [];

    /// <summary>The labels that we applied, as they are.</summary>
    public IReadOnlyList<string> AppliedLabels =>
        [.. AppliedKeys.Order(StringComparer.Ordinal).Select(key => $"{key}={Labels.GetValueOrDefault(key)}")];

    public bool IsOfNfd(string key) => _nfdKeys.Contains(key);

    /// <summary>Who has set a label, but for us.</summary>
    public IEnumerable<string> OthersWith(string key)
    {
        foreach (var manager in _managers)
        {
            if (!IsOwn(manager) && manager.Keys.Contains(key))
                yield return manager.Manager;
        }
    }

    public bool Has(Label label) => Labels.GetValueOrDefault(label.Key) == label.Value;

    /// <summary>Whether an apply of just these labels would change nothing.</summary>
    public bool IsApplied(IReadOnlyCollection<Label> labels) =>
        AppliedKeys.SetEquals(labels.Select(label => label.Key)) && labels.All(Has);

    /// <summary>What stands in a label's place, for people.</summary>
    public string Describe(Label label)
    {
        if (!Labels.TryGetValue(label.Key, out var value))
            return $"{label} is not there";

        var holder = IsOfNfd(label.Key) ? "Node Feature Discovery"
            : OthersWith(label.Key).FirstOrDefault() is { } name ? $"'{name}'"
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
            : isNew || others.All(label => !Labels.ContainsKey(label.Key)) ? LabelPublicationState.Pending
            : LabelPublicationState.Overridden;
        return (state, string.Join("; ", others.Select(Describe)));
    }

    private static bool IsOwn((string Manager, string Operation, HashSet<string> Keys) manager) =>
        manager is { Manager: FieldManager, Operation: "Apply" };

    /// <summary>An NFD that was given a name (-instance) puts it before that of the annotation.</summary>
    private static bool Is(string name, string annotation) => ('.' + name).EndsWith('.' + annotation, StringComparison.Ordinal);

    private static HashSet<string> LabelKeys(JsonElement manager)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var labels = manager.Member("fieldsV1")?.Member(FieldPrefix + "metadata")?.Member(FieldPrefix + "labels");
        if (labels is not { ValueKind: JsonValueKind.Object } fields)
            return keys;

        foreach (var field in fields.EnumerateObject())
        {
            if (field.Name.StartsWith(FieldPrefix, StringComparison.Ordinal))
                keys.Add(field.Name[FieldPrefix.Length..]);
        }

        return keys;
    }
}
