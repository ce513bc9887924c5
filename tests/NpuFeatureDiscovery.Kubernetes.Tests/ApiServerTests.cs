using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

/// <summary>What holds of any API server: asked of the fake, and of a real one where there is one.</summary>
[TestFixture("fake")]
[TestFixture("real", Category = "Cluster")]
[CancelAfter(60_000)]
public sealed class ApiServerTests(string kind)
{
    private const string Ours = "npu-feature-discovery";

    [Test]
    public async Task An_apply_creates_changes_and_removes_the_managers_fields_alone(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());

        await client.ApplyAsync(node, Labels("example.com/theirs=1"), "them", false, token);
        await client.ApplyAsync(node, Labels("example.com/a=1", "example.com/b=1"), Ours, false, token);
        var answer = await client.ApplyAsync(node, Labels("example.com/b=2"), Ours, false, token);

        Assert.That(LabelsOf(answer), Is.EquivalentTo(["example.com/theirs=1", "example.com/b=2"]));
        Assert.That(LabelsOf(await client.GetAsync(node, token)), Is.EquivalentTo(["example.com/theirs=1", "example.com/b=2"]));
    }

    [Test]
    public async Task A_conflict_names_the_manager_and_the_field_and_changes_nothing_unless_forced(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());
        await client.ApplyAsync(node, Labels("example.com/a=1"), "kubectl-edit", false, token);

        var exception = await client.ApplyAsync(node, Labels("example.com/a=2", "example.com/b=2"), Ours, false, token)
            .ExpectAsync(HttpStatusCode.Conflict, Does.Contain("\"kubectl-edit\"").And.Contains(".metadata.labels.example.com/a").And.Contains("force"));
        var cause = exception.Causes.Single();
        Assert.That((exception.Reason, cause.ConflictingManager, cause.Field), Is.EqualTo(("Conflict", "kubectl-edit", ".metadata.labels.example.com/a")));
        Assert.That(LabelsOf(await client.GetAsync(node, token)), Is.EqualTo(["example.com/a=1"]));

        var answer = await client.ApplyAsync(node, Labels("example.com/a=2", "example.com/b=2"), Ours, true, token);
        Assert.That(LabelsOf(answer), Is.EquivalentTo(["example.com/a=2", "example.com/b=2"]));
    }

    [Test]
    public async Task To_an_account_that_may_only_patch_an_empty_merge_patch_shows_a_Node(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var admin = new KubernetesClient(server.Admin, TimeProvider.System);
        using var client = new KubernetesClient(await server.AddAccountAsync(ApiRule.PatchNodes), TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());
        var made = await admin.ApplyAsync(node, Labels("example.com/a=1"), "them", false, token);

        var read = await client.MergePatchAsync(node, [], Ours, token);

        Assert.That(LabelsOf(read), Is.EqualTo(["example.com/a=1"]));
        Assert.That(Metadata(read, "uid"), Is.EqualTo(Metadata(made, "uid")));
        await client.GetAsync(node, token).ExpectAsync(
            HttpStatusCode.Forbidden,
            Does.Contain("cannot get resource \"nodes\"")
                .And.Contains("- apiGroups: [\"\"], resources: [\"nodes\"], verbs: [\"get\"]")
                .And.Contains($"/api/v1/nodes/{node.Name}"));
        await client.DeleteAsync(node, token).ExpectAsync(HttpStatusCode.Forbidden, Does.Contain("verbs: [\"delete\"]"));
    }

    [Test]
    public async Task To_an_account_that_may_only_patch_a_dry_run_shows_a_Node(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var admin = new KubernetesClient(server.Admin, TimeProvider.System);
        using var client = new KubernetesClient(await server.AddAccountAsync(ApiRule.PatchNodes), TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());
        var made = await admin.ApplyAsync(node, Labels("example.com/a=1"), "them", false, token);

        var read = await client.GetByPatchAsync(node, token);

        Assert.That((Metadata(read, "uid"), LabelsOf(read)[0]), Is.EqualTo((Metadata(made, "uid"), "example.com/a=1")));
    }

    [Test]
    public async Task A_list_holds_what_is_selected_page_by_page(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var test = server.NewNodeName();
        string[] names = [.. Enumerable.Range(0, 103).Select(_ => server.NewNodeName())];
        foreach (var name in names)
            await client.ApplyAsync(KubernetesResource.Nodes.Named(name), Labels($"example.com/test={test}"), Ours, false, token);

        var all = await NamesAsync(client, new KubernetesSelector { Labels = $"example.com/test={test}" }, token);
        var one = await NamesAsync(client, new KubernetesSelector { Fields = $"metadata.name={names[1]}" }, token);

        Assert.That(all, Is.EquivalentTo(names));
        Assert.That(one, Is.EqualTo([names[1]]));
    }

    [Test]
    public async Task A_list_needs_the_verb_list(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(
            await server.AddAccountAsync(new ApiRule("", "pods", "get"), new ApiRule("", "nodes", "list")), TimeProvider.System);

        await client.ListAsync(KubernetesResource.Pods, new KubernetesSelector(), token).GetAsyncEnumerator(token).MoveNextAsync().AsTask()
            .ExpectAsync(HttpStatusCode.Forbidden, Does.Contain("- apiGroups: [\"\"], resources: [\"pods\"], verbs: [\"list\"]"));
        Assert.That(await NamesAsync(client, new KubernetesSelector { Fields = "metadata.name=none" }, token), Is.Empty);
    }

    [Test]
    public async Task Every_account_may_ask_for_the_version_of_the_server(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(await server.AddAccountAsync(), TimeProvider.System);

        Assert.That(await client.GetServerVersionAsync(token), Does.StartWith("v1."));
    }

    [Test]
    public async Task What_is_not_there_is_not_found_and_not_made_by_a_patch(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());

        await client.GetAsync(node, token).ExpectAsync(HttpStatusCode.NotFound, Does.Contain($"nodes \"{node.Name}\" not found"));
        await client.MergePatchAsync(node, [], Ours, token).ExpectAsync(HttpStatusCode.NotFound, Does.Contain("Check the name"));
        Assert.That(await client.DeleteAsync(node, token), Is.False);
    }

    [Test]
    public async Task An_apply_with_a_uid_touches_no_other_object_and_makes_none(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());
        var content = Labels("example.com/a=1");
        content["metadata"]!["uid"] = Guid.NewGuid().ToString();

        await client.ApplyAsync(node, content, Ours, true, token).ExpectAsync(HttpStatusCode.Conflict, Does.Contain("uid mismatch"));
        await client.ApplyAsync(node, Labels(), Ours, false, token);
        var exception = await client.ApplyAsync(node, content, Ours, true, token)
            .ExpectAsync(HttpStatusCode.UnprocessableEntity, Does.Contain("field is immutable"));

        Assert.That(exception.Causes.Select(cause => cause.Field), Is.EqualTo(["metadata.uid"]));
    }

    [Test]
    public async Task An_invalid_label_is_refused_with_the_field_that_is_wrong(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());

        var exception = await client.ApplyAsync(node, Labels("example.com/a=not valid!"), Ours, false, token)
            .ExpectAsync(HttpStatusCode.UnprocessableEntity, Does.Contain("not valid!").And.Contains("metadata.labels"));

        Assert.That(exception.Causes.Select(cause => cause.Field).Distinct(), Is.EqualTo(["metadata.labels"]));
    }

    [Test]
    public async Task A_JSON_patch_does_all_of_it_or_nothing(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());
        await client.ApplyAsync(node, Labels("a=1"), Ours, false, token);

        await client.JsonPatchAsync(node, Operations("2"), Ours, token).ExpectAsync(HttpStatusCode.UnprocessableEntity, Is.Not.Empty);
        Assert.That(LabelsOf(await client.GetAsync(node, token)), Is.EqualTo(["a=1"]));
        Assert.That(LabelsOf(await client.JsonPatchAsync(node, Operations("1"), Ours, token)), Is.Empty);

        static JsonArray Operations(string value) =>
        [
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/labels/a", ["value"] = value },
            new JsonObject { ["op"] = "remove", ["path"] = "/metadata/labels/a" },
        ];
    }

    [Test]
    public async Task What_is_equal_is_not_written_again(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(server.Admin, TimeProvider.System);
        var node = KubernetesResource.Nodes.Named(server.NewNodeName());
        await client.ApplyAsync(node, Labels("a=1"), Ours, false, token);
        var before = await client.MergePatchAsync(node, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["b"] = "1" } } }, "them", token);

        var after = await client.ApplyAsync(node, Labels("a=1"), Ours, false, token);

        // A controller may have touched the Node meanwhile: the labels' managers tell.
        Assert.That(LabelsOf(after), Is.EqualTo(LabelsOf(before)));
    }

    [Test]
    public async Task A_kind_that_is_not_served_is_known_by_discovery_and_named_by_a_call(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(await server.AddAccountAsync(ApiRule.PatchNodes), TimeProvider.System);
        var unknown = new KubernetesResource("none.example.com", "v1", "things", "Thing");

        Assert.That(await client.ServesAsync(KubernetesResource.Nodes, token), Is.True);
        Assert.That(await client.ServesAsync(unknown, token), Is.False);
        Assert.That(await client.ServesAsync(KubernetesResource.Nodes with { Plural = "things" }, token), Is.False);
        await client.MergePatchAsync(unknown.Named("a", "default"), [], Ours, token)
            .ExpectAsync(kind == "fake" ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden, Does.Contain("things"));
    }

    [Test]
    public async Task A_token_that_is_not_known_is_told_with_where_it_is_from(CancellationToken token)
    {
        await using var server = await StartAsync(token);
        using var client = new KubernetesClient(await ForgedAsync(server), TimeProvider.System);

        await client.GetAsync(KubernetesResource.Nodes.Named("a"), token).ExpectAsync(
            HttpStatusCode.Unauthorized, Does.Contain(client.Configuration.Source).And.Not.Contains("forged"));
    }

    private static async Task<string[]> NamesAsync(KubernetesClient client, KubernetesSelector selector, CancellationToken token)
    {
        var names = new List<string>();
        await foreach (var node in client.ListAsync(KubernetesResource.Nodes, selector, token))
            names.Add(Metadata(node, "name")!);

        return [.. names];
    }

    private static Task<KubernetesConfiguration> ForgedAsync(IKubernetesServer server) => Task.FromResult(
        new KubernetesConfiguration(server.Admin.Server, "context 'x'")
        {
            Authorities = server.Admin.Authorities,
            CreateCredential = _ => new Kubernetes.Access.TokenCredential("forged", null),
        });

    private static JsonObject Labels(params IEnumerable<string> labels) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Split('=')[0], (JsonNode?)label.Split('=')[1]))),
        },
    };

    private static string[] LabelsOf(JsonElement node) => node.GetProperty("metadata").TryGetProperty("labels", out var labels)
        ? [.. labels.EnumerateObject().Select(label => $"{label.Name}={label.Value}")]
        : [];

    private static string? Metadata(JsonElement node, string name) => node.GetProperty("metadata").GetProperty(name).GetString();

    private async Task<IKubernetesServer> StartAsync(CancellationToken token)
    {
        if (kind == "fake")
            return await FakeKubernetesApi.StartAsync(token);
        if (RealKubernetesApi.Missing is { } reason)
            Assert.Ignore(reason);

        return await RealKubernetesApi.StartAsync(token);
    }
}
