using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes.Calling;

namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>
/// Calls an API server: one client serves any number of calls at a time. Each ends within <see cref="Timeout"/>; what the
/// server has no time for (429, 5xx), or does not get, is tried again within it.
/// </summary>
public sealed class KubernetesClient : IDisposable
{
    /// <summary>So many objects at a time: a large cluster's Nodes or Pods do not fit into a small program.</summary>
    private const int PageSize = 100;

    private readonly Caller _caller;

    /// <param name="configuration">Where the API server is, and who we are to it.</param>
    /// <param name="timeProvider">The clock of deadlines and waits.</param>
    /// <exception cref="KubernetesConfigurationException">The user of the kubeconfig is incomplete or broken.</exception>
    public KubernetesClient(KubernetesConfiguration configuration, TimeProvider timeProvider)
    {
        Configuration = configuration;
        _caller = new Caller(configuration, timeProvider);
    }

    /// <summary>Where the API server is, and who we are to it.</summary>
    public KubernetesConfiguration Configuration { get; }

    /// <summary>How long a call may take, with everything that is tried again and with the credential plugin.</summary>
    /// <value>Default: 15 s.</value>
    public TimeSpan Timeout
    {
        get => _caller.Timeout;
        init => _caller.Timeout = value;
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="KubernetesException">It is not there, or the call failed.</exception>
    public Task<JsonElement> GetAsync(KubernetesObjectName name, CancellationToken cancellationToken) =>
        _caller.SendAsync(HttpMethod.Get, name.Path, null, null, cancellationToken);

    /// <summary>
    /// Reads an object by an empty merge patch in a dry run, which changes nothing: for an account that may patch and not get. An
    /// admission webhook that has not said that it has no side effects makes the API server refuse dry runs.
    /// </summary>
    /// <exception cref="KubernetesException">It is not there, or the call failed.</exception>
    public Task<JsonElement> GetByPatchAsync(KubernetesObjectName name, CancellationToken cancellationToken) =>
        _caller.SendAsync(
            HttpMethod.Patch, $"{name.Path}?dryRun=All", "application/merge-patch+json", new JsonObject(), cancellationToken);

    /// <summary>Lists objects, a hundred a call, as they are asked for.</summary>
    /// <param name="resource">Their kind.</param>
    /// <param name="selector">Which of them.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="KubernetesException">A call failed.</exception>
    public async IAsyncEnumerable<JsonElement> ListAsync(
        KubernetesResource resource, KubernetesSelector selector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = "";
        do
        {
            var path = $"{selector.PathOf(resource)}?limit={PageSize}{selector.Query}";
            var page = await _caller.SendAsync(
                HttpMethod.Get, next.Length == 0 ? path : $"{path}&continue={Uri.EscapeDataString(next)}", null, null, cancellationToken);
            foreach (var item in page.Items("items"))
                yield return item;

            next = page.Member("metadata")?.Text("continue") ?? "";
        }
        while (next.Length > 0);
    }

    /// <summary>The version of the API server (<c>v1.34.1</c>), which every account may ask for.</summary>
    /// <exception cref="KubernetesException">The call failed, or what answers is no API server.</exception>
    public async Task<string> GetServerVersionAsync(CancellationToken cancellationToken) =>
        (await _caller.SendAsync(HttpMethod.Get, "/version", null, null, cancellationToken)).Text("gitVersion")
        ?? throw new KubernetesException(
            $"{Configuration.Server} does not tell the version of an API server. Check the server's address.");

    /// <summary>
    /// Applies the fields that a manager wants (server-side apply): those that it applied before and leaves out now are
    /// removed. Creates the object where it is not there, unless the content has its <c>metadata.uid</c>.
    /// </summary>
    /// <param name="name">The object.</param>
    /// <param name="content">The fields; apiVersion, kind and names are added.</param>
    /// <param name="fieldManager">Whose fields these are.</param>
    /// <param name="force">
    /// <see langword="false"/>: a field that another manager has set to something else is a conflict, and nothing is changed.
    /// <see langword="true"/>: it is taken over.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The object as it is now.</returns>
    /// <exception cref="KubernetesException">
    /// The call failed; where it is a conflict, <see cref="KubernetesException.Causes"/> name managers and fields.
    /// </exception>
    public Task<JsonElement> ApplyAsync(
        KubernetesObjectName name, JsonObject content, string fieldManager, bool force, CancellationToken cancellationToken)
    {
        var whole = content.DeepClone().AsObject();
        whole["apiVersion"] = name.Resource.ApiVersion;
        whole["kind"] = name.Resource.Kind;
        if (whole["metadata"] is not JsonObject metadata)
            whole["metadata"] = metadata = [];
        metadata["name"] = name.Name;
        if (name.Namespace is not null)
            metadata["namespace"] = name.Namespace;

        var path = $"{name.Path}?fieldManager={Uri.EscapeDataString(fieldManager)}{(force ? "&force=true" : "")}";
        // Every JSON is YAML.
        return _caller.SendAsync(HttpMethod.Patch, path, "application/apply-patch+yaml", whole, cancellationToken);
    }

    /// <summary>
    /// Merges fields into an object that is there; null removes one. An empty patch changes nothing and answers the object,
    /// also to an account that may patch and not get.
    /// </summary>
    /// <returns>The object as it is now.</returns>
    /// <exception cref="KubernetesException">It is not there, or the call failed.</exception>
    public Task<JsonElement> MergePatchAsync(
        KubernetesObjectName name, JsonObject patch, string fieldManager, CancellationToken cancellationToken) =>
        _caller.SendAsync(
            HttpMethod.Patch, $"{name.Path}?fieldManager={Uri.EscapeDataString(fieldManager)}", "application/merge-patch+json",
            patch, cancellationToken);

    /// <summary>Changes an object by JSON Patch (RFC 6902), all operations or none.</summary>
    /// <returns>The object as it is now.</returns>
    /// <exception cref="KubernetesException">It is not there, or the call failed; with 422 where a test did.</exception>
    public Task<JsonElement> JsonPatchAsync(
        KubernetesObjectName name, JsonArray operations, string fieldManager, CancellationToken cancellationToken) =>
        _caller.SendAsync(
            HttpMethod.Patch, $"{name.Path}?fieldManager={Uri.EscapeDataString(fieldManager)}", "application/json-patch+json",
            operations, cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="KubernetesException">The call failed.</exception>
    public async Task<bool> DeleteAsync(KubernetesObjectName name, CancellationToken cancellationToken) =>
        await _caller.FindAsync(HttpMethod.Delete, name.Path, cancellationToken) is not null;

    /// <summary>Asks whether the API server serves a kind of objects, which every account may ask.</summary>
    /// <exception cref="KubernetesException">The call failed.</exception>
    public async Task<bool> ServesAsync(KubernetesResource resource, CancellationToken cancellationToken)
    {
        var served = await _caller.FindAsync(HttpMethod.Get, resource.ApiPath, cancellationToken);
        foreach (var entry in served?.Items("resources") ?? [])
        {
            if (entry.Text("name") == resource.Plural)
                return true;
        }

        return false;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _caller.Dispose();
}
