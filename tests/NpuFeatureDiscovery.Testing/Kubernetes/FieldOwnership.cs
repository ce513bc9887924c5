using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>
/// Whose fields an object's fields are, as an API server keeps it in <c>metadata.managedFields</c>. Fields are the leaves of the
/// object; lists are one field.
/// </summary>
/// <remarks>https://kubernetes.io/docs/reference/using-api/server-side-apply/</remarks>
internal sealed class FieldOwnership
{
    private const char Separator = '\n';

    private static readonly string[] NobodysFields =
        [.. new[] { "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields" }.Select(name => $"metadata{Separator}{name}"),
            "apiVersion", "kind"];

    private readonly List<(string Manager, string Operation, HashSet<string> Fields)> _entries = [];

    public FieldOwnership(JsonObject @object)
    {
        foreach (var entry in @object["metadata"]?["managedFields"]?.AsArray() ?? [])
        {
            if (entry?["manager"] is { } manager)
                _entries.Add(((string)manager!, (string)entry["operation"]!, ReadFields(entry["fieldsV1"]!.AsObject(), "").ToHashSet()));
        }
    }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The leaves of an object, by their paths.</summary>
    public static Dictionary<string, JsonNode?> Leaves(JsonObject @object)
    {
        var leaves = new Dictionary<string, JsonNode?>();
        Add(@object, "");
        foreach (var path in NobodysFields)
            leaves.Remove(path);

        return leaves;

        void Add(JsonObject part, string prefix)
        {
            foreach (var (name, value) in part)
            {
                if (value is JsonObject { Count: > 0 } deeper)
                    Add(deeper, prefix + name + Separator);
                else if (value is not JsonObject)
                    leaves[prefix + name] = value;
            }
        }
    }

    /// <summary>As the API server names a field in a conflict: <c>.metadata.labels.a/b</c>.</summary>
    public static string PathOf(string field) => "." + field.Replace(Separator, '.');

    public IEnumerable<(string Manager, string Field)> Conflicts(string applier, Dictionary<string, JsonNode?> wanted, JsonObject live)
    {
        var current = Leaves(live);
        return
            from entry in _entries
            where !IsApplier(entry, applier)
            from field in entry.Fields
            where wanted.ContainsKey(field) && !JsonNode.DeepEquals(wanted[field], current.GetValueOrDefault(field))
            select (entry.Manager, field);
    }

    /// <summary>Makes the fields a manager's, by an apply; those that it had before and that nobody else has are returned.</summary>
    public IEnumerable<string> Apply(string applier, Dictionary<string, JsonNode?> wanted, JsonObject live)
    {
        foreach (var (manager, field) in Conflicts(applier, wanted, live).ToArray())
            _entries.Find(entry => entry.Manager == manager && !IsApplier(entry, applier) && entry.Fields.Contains(field)).Fields.Remove(field);

        var index = _entries.FindIndex(entry => IsApplier(entry, applier));
        var before = index < 0 ? new HashSet<string>() : _entries[index].Fields;
        if (index < 0)
            _entries.Insert(0, (applier, "Apply", [.. wanted.Keys]));
        else
            _entries[index] = (applier, "Apply", [.. wanted.Keys]);

        return [.. before.Where(field => !_entries.Any(entry => entry.Fields.Contains(field)))];
    }

    /// <summary>Makes all that differs between two versions of an object a manager's, by an update.</summary>
    public void Update(string updater, JsonObject before, JsonObject after)
    {
        var (was, now) = (Leaves(before), Leaves(after));
        string[] changed = [.. now.Keys.Where(field => !was.TryGetValue(field, out var value) || !JsonNode.DeepEquals(value, now[field]))];
        foreach (var entry in _entries)
            entry.Fields.RemoveWhere(field => changed.Contains(field) || !now.ContainsKey(field));
        if (changed.Length == 0)
            return;

        var index = _entries.FindIndex(entry => entry.Manager == updater && entry.Operation == "Update");
        if (index < 0)
            _entries.Add((updater, "Update", [.. changed]));
        else
            _entries[index].Fields.UnionWith(changed);
    }

    public void WriteTo(JsonObject @object)
    {
        var entries = new JsonArray();
        foreach (var (manager, operation, fields) in _entries.Where(entry => entry.Fields.Count > 0))
        {
            entries.Add((JsonNode)new JsonObject
            {
                ["manager"] = manager,
                ["operation"] = operation,
                ["apiVersion"] = @object["apiVersion"]!.DeepClone(),
                ["time"] = "2026-01-01T00:00:00Z",
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = WriteFields(fields),
            });
        }

        if (entries.Count > 0)
            @object["metadata"]!["managedFields"] = entries;
        else
            @object["metadata"]!.AsObject().Remove("managedFields");
    }

    private static bool IsApplier((string Manager, string Operation, HashSet<string> Fields) entry, string applier) =>
        entry.Manager == applier && entry.Operation == "Apply";

    private static IEnumerable<string> ReadFields(JsonObject fields, string prefix)
    {
        foreach (var (name, deeper) in fields)
        {
            if (!name.StartsWith("f:", StringComparison.Ordinal))
                continue;

            var path = prefix + name[2..];
            if (deeper is JsonObject { Count: > 0 } inner)
            {
                foreach (var field in ReadFields(inner, path + Separator))
                    yield return field;
            }
            else
            {
                yield return path;
            }
        }
    }

    private static JsonObject WriteFields(IEnumerable<string> fields)
    {
        var root = new JsonObject();
        foreach (var field in fields.Order(StringComparer.Ordinal))
        {
            var part = root;
            foreach (var name in field.Split(Separator))
            {
                if (part["f:" + name] is not JsonObject deeper)
                    part["f:" + name] = deeper = [];
                part = deeper;
            }
        }

        return root;
    }
}
