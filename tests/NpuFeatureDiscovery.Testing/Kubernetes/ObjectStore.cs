using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>Objects by their paths, patched as an API server does.</summary>
internal sealed partial class ObjectStore
{
    private readonly Dictionary<string, JsonObject> _objects = [];
    private long _resourceVersion = 100;

    public JsonObject Get(string path, KubernetesResource resource) =>
        _objects.GetValueOrDefault(path) ?? throw NotFound(path, resource);

    /// <summary>A page of the objects of a kind, by the names of their paths.</summary>
    /// <param name="path">The path of the list, with or without a namespace.</param>
    /// <param name="resource">The kind.</param>
    /// <param name="query">Selectors for equality, <c>limit</c> and <c>continue</c>.</param>
    public JsonObject List(string path, KubernetesResource resource, IQueryCollection query)
    {
        var group = path[..^(resource.Plural.Length + 1)];
        JsonObject[] found =
        [
            .. _objects.Where(entry => entry.Key.StartsWith(group + "/", StringComparison.Ordinal) && entry.Key.Split('/')[^2] == resource.Plural)
                .OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value)
                .Where(@object => Selects(query["labelSelector"], key => (string?)@object["metadata"]!["labels"]?[key])
                    && Selects(query["fieldSelector"], field => (string?)field.Split('.').Aggregate((JsonNode?)@object, (node, name) => node?[name]))),
        ];
        var start = int.Parse(query["continue"].FirstOrDefault() ?? "0");
        var end = Math.Min(found.Length, start + int.Parse(query["limit"].FirstOrDefault() ?? "1000000"));
        return new JsonObject
        {
            ["kind"] = $"{resource.Kind}List",
            ["apiVersion"] = resource.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_resourceVersion}", ["continue"] = end < found.Length ? $"{end}" : "" },
            ["items"] = new JsonArray([.. found[start..end].Select(@object => @object.DeepClone())]),
        };
    }

    public void Delete(string path, KubernetesResource resource)
    {
        if (!_objects.Remove(path))
            throw NotFound(path, resource);
    }

    public JsonObject MergePatch(string path, KubernetesResource resource, JsonObject patch, string manager) =>
        Update(path, resource, manager, @object => Merge(@object, patch));

    public JsonObject JsonPatch(string path, KubernetesResource resource, JsonArray operations, string manager) =>
        Update(path, resource, manager, @object =>
        {
            foreach (var operation in operations)
                Operate(@object, operation!.AsObject());
        });

    public JsonObject Apply(string path, KubernetesResource resource, JsonObject content, string manager, bool force, bool mayCreate)
    {
        var name = NameOf(path);
        var uid = (string?)content["metadata"]?["uid"];
        if (!_objects.TryGetValue(path, out var before))
        {
            if (uid is not null)
                throw new ApiRefusal(
                    HttpStatusCode.Conflict, "Conflict",
                    $"Operation cannot be fulfilled on {resource.Plural} \"{name}\": uid mismatch: the provided object specified uid {uid}, and no existing object was found");
            if (!mayCreate)
                throw new ApiRefusal(HttpStatusCode.Forbidden, "Forbidden", $"{resource.Plural} \"{name}\" is forbidden: ");

            before = new JsonObject
            {
                ["kind"] = resource.Kind,
                ["apiVersion"] = resource.ApiVersion,
                ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = Guid.NewGuid().ToString() },
            };
        }

        if (uid is not null && uid != (string?)before["metadata"]!["uid"])
            throw Invalid(resource, name, "metadata.uid", $"Invalid value: \"{uid}\": field is immutable");

        var after = before.DeepClone().AsObject();
        var ownership = new FieldOwnership(before);
        if (ownership.IsEmpty)
            ownership.Update("before-first-apply", [], before);

        var wanted = FieldOwnership.Leaves(content);
        (string Manager, string Field)[] conflicts = [.. ownership.Conflicts(manager, wanted, before)];
        if (conflicts.Length > 0 && !force)
            throw Conflicted(conflicts, resource);

        foreach (var field in ownership.Apply(manager, wanted, before))
            Remove(after, field.Split('\n'));

        Merge(after, content);
        ownership.WriteTo(after);
        return Store(path, resource, before, after);
    }

    private JsonObject Update(string path, KubernetesResource resource, string manager, Action<JsonObject> change)
    {
        var before = Get(path, resource);
        var after = before.DeepClone().AsObject();
        change(after);
        var ownership = new FieldOwnership(after);
        if (!ownership.IsEmpty)
            ownership.Update(manager, before, after);

        ownership.WriteTo(after);
        return Store(path, resource, before, after);
    }

    private JsonObject Store(string path, KubernetesResource resource, JsonObject before, JsonObject after)
    {
        foreach (var (_, value) in after["metadata"]!["labels"]?.AsObject() ?? [])
        {
            if (!LabelValue().IsMatch((string)value!))
                throw Invalid(resource, NameOf(path), "metadata.labels", $"Invalid value: \"{value}\": a valid label must be an empty string or consist of alphanumeric characters");
        }

        if (!_objects.ContainsKey(path) || !JsonNode.DeepEquals(before, after))
            after["metadata"]!["resourceVersion"] = $"{++_resourceVersion}";

        return _objects[path] = after;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is not JsonObject part)
                target[name] = value.DeepClone();
            else if (target[name] is JsonObject deeper)
                Merge(deeper, part);
            else
                Merge((JsonObject)(target[name] = new JsonObject()), part);
        }
    }

    private static void Remove(JsonObject target, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            target.Remove(path[0]);
        }
        else if (target[path[0]] is JsonObject deeper)
        {
            Remove(deeper, path[1..]);
            if (deeper.Count == 0)
                target.Remove(path[0]);
        }
    }

    private static void Operate(JsonObject target, JsonObject operation)
    {
        string[] path = [.. ((string)operation["path"]!).Split('/').Skip(1).Select(part => part.Replace("~1", "/").Replace("~0", "~"))];
        JsonNode? parent = target;
        foreach (var name in path.SkipLast(1))
            parent = Child(parent, name);

        var found = Child(parent, path[^1]);
        switch ((string)operation["op"]!)
        {
            case "test" when JsonNode.DeepEquals(found, operation["value"]):
                break;
            case "remove" when found is not null && parent is JsonArray list:
                list.Remove(found);
                break;
            case "remove" when found is not null:
                parent!.AsObject().Remove(path[^1]);
                break;
            case "replace" when found is not null && parent is JsonObject:
                parent[path[^1]] = operation["value"]!.DeepClone();
                break;
            default:
                throw new ApiRefusal(HttpStatusCode.UnprocessableEntity, "Invalid", "the server rejected our request due to an error in our request");
        }
    }

    private static JsonNode? Child(JsonNode? parent, string name) => parent switch
    {
        JsonObject @object => @object[name],
        JsonArray list when int.TryParse(name, out var index) && index < list.Count => list[index],
        _ => null,
    };

    private static bool Selects(string? selector, Func<string, string?> value) => (selector ?? "")
        .Split(',', StringSplitOptions.RemoveEmptyEntries).Select(term => term.Split("!=") is { Length: 2 } unequal
            ? value(unequal[0]) != unequal[1]
            : value(term.Split('=')[0]) == term.Split('=')[^1])
        .All(isSelected => isSelected);

    private static string NameOf(string path) => Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);

    private static ApiRefusal NotFound(string path, KubernetesResource resource) =>
        new(HttpStatusCode.NotFound, "NotFound", $"{FullName(resource)} \"{NameOf(path)}\" not found");

    private static ApiRefusal Invalid(KubernetesResource resource, string name, string field, string message) => new(
        HttpStatusCode.UnprocessableEntity, "Invalid", $"{resource.Kind} \"{name}\" is invalid: {field}: {message}",
        // An API server says it once for every pass of its validation.
        ("FieldValueInvalid", field, message), ("FieldValueInvalid", field, message));

    private static ApiRefusal Conflicted((string Manager, string Field)[] conflicts, KubernetesResource resource)
    {
        var causes = conflicts.Select(conflict => (
            Reason: "FieldManagerConflict", Field: FieldOwnership.PathOf(conflict.Field),
            Message: $"conflict with \"{conflict.Manager}\" using {resource.ApiVersion}"));
        return new ApiRefusal(
            HttpStatusCode.Conflict, "Conflict",
            $"Apply failed with {conflicts.Length} conflict{(conflicts.Length == 1 ? "" : "s")}: "
            + string.Join("\n", causes.Select(cause => $"{cause.Message}: {cause.Field}")),
            causes);
    }

    private static string FullName(KubernetesResource resource) =>
        resource.Group.Length == 0 ? resource.Plural : $"{resource.Plural}.{resource.Group}";

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();
}
