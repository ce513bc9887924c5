using System.Net;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

/// <summary>What is told of the way to the API server, the account's rights and the Node.</summary>
[CancelAfter(60_000)]
public sealed class ApiServerTests
{
    private static readonly ApiRule[] AllRights =
        [new("", "nodes", "get", "list"), new("", "pods", "list"), new("nfd.k8s-sigs.io", "nodefeatures", "list")];

    [Test]
    public async Task A_healthy_Node_has_no_line_but_good_ones(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.All.StartsWith("Ok "));
        Assert.That(lines, Has.Some.Match("Ok api-server: https://127.0.0.1:[0-9]+/ answers, Kubernetes v1.20.2, to context 'test' of .*"));
        Assert.That(lines, Has.Some.EqualTo("Ok node: Node 'node-1' is there, kubelet v1.20.2."));
    }

    [Test]
    public async Task A_server_that_need_not_show_who_it_is_is_warned_of(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);

        var lines = await cluster.DoctorAsync(cluster.Api.ConfigurationOf("token: admin-token", "insecure-skip-tls-verify: true"));

        Assert.That(lines.Where(line => !line.StartsWith("Ok ")), Has.One.Match("Warning api-server: Anybody on the way to .* can answer in its place"));
    }

    [Test]
    public async Task It_asks_by_GET_alone_where_the_account_may_get(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.Api.AddNodeFeaturesAsync();
        var account = await cluster.Api.AddAccountAsync(AllRights);
        var before = cluster.Api.Requests.Count;

        await cluster.DoctorAsync(account);

        Assert.That(cluster.Api.Requests.Skip(before).Select(request => request.Method), Has.All.EqualTo("GET"));
    }

    [Test]
    public async Task Get_and_list_are_all_the_rights_that_it_needs(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.Api.AddNodeFeaturesAsync();

        Assert.That(await cluster.DoctorAsync(await cluster.Api.AddAccountAsync(AllRights)), Has.All.StartsWith("Ok "));
    }

    [Test]
    public async Task To_an_account_that_may_only_patch_the_Node_a_dry_run_tells_of_it(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);

        var lines = await cluster.DoctorAsync(await cluster.Api.AddAccountAsync(ApiRule.PatchNodes));

        Assert.That(lines, Has.Some.StartsWith("Ok labels:").And.Some.StartsWith("Ok resources:"));
        Assert.That(lines, Has.One.StartsWith("Warning rights:").And.One.Contain("may not list pods."));
        Assert.That(cluster.Api.Requests.Where(request => request is { Method: "PATCH", Account: "system:serviceaccount:test:agent" })
            .Select(request => request.Path), Is.EqualTo(["/api/v1/nodes/node-1?dryRun=All"]));
    }

    [Test]
    public async Task Where_a_webhook_allows_no_dry_run_the_right_to_get_is_missing(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        cluster.Api.Pass();
        cluster.Api.Pass();
        cluster.Api.Fail(HttpStatusCode.BadRequest, """
            {"kind": "Status", "reason": "BadRequest", "message": "admission webhook \"x\" does not support dry run"}
            """);

        Assert.That(await cluster.DoctorAsync(await cluster.Api.AddAccountAsync(ApiRule.PatchNodes)),
            Has.One.StartsWith("Warning rights:").And.One.Contain("may not get nodes, list pods."));
    }

    [Test]
    public async Task What_an_account_may_not_do_is_one_line_with_the_rules_to_add(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.Api.AddNodeFeaturesAsync();

        var lines = await cluster.DoctorAsync(await cluster.Api.AddAccountAsync());

        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Does.StartWith("Ok api-server:"));
        Assert.That(lines[1], Does.StartWith("Warning rights:").And.Contain("may not get nodes, list nodefeatures, list pods.")
            .And.Contain("- apiGroups: [\"\"], resources: [\"nodes\"], verbs: [\"get\"]")
            .And.Contain("- apiGroups: [\"nfd.k8s-sigs.io\"], resources: [\"nodefeatures\"], verbs: [\"list\"]")
            .And.Contain("- apiGroups: [\"\"], resources: [\"pods\"], verbs: [\"list\"]"));
    }

    [Test]
    public async Task Without_an_API_server_one_line_says_why_and_what_is_not_checked(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        using var context = cluster.Context(client: null, noClient: "KUBECONFIG names nothing");

        Assert.That(await cluster.DoctorAsync(context), Is.EqualTo([
            "Warning api-server: No API server can be asked. | Not checked therefore: the Node, its labels and resources, NFD, and Pods. "
            + "The cause: KUBECONFIG names nothing. -> Give doctor a kubeconfig (KUBECONFIG), or run it in a Pod that has a token.",
        ]));
    }

    [Test]
    public async Task Without_an_API_server_the_feature_file_is_judged_all_the_same(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.PublishFileAsync();
        using var context = cluster.Context(client: null, noClient: "KUBECONFIG names nothing");

        Assert.That(await cluster.DoctorAsync(context), Has.One.EqualTo(
            "Ok nfd-feature-file: NFD makes 10 labels of 'npu-feature-discovery'. | So does NFD 0.19; which version is here is not known."));
    }

    [Test]
    public async Task A_server_that_does_not_listen_is_one_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        var other = await FakeKubernetesApi.StartAsync(token);
        var account = other.Admin;
        await other.DisposeAsync();

        var lines = await cluster.DoctorAsync(account);

        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.StartWith("Problem api-server:").And.Contain("has no answer").And.Contain("Not checked therefore"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public async Task A_server_that_hangs_is_one_problem_and_is_asked_nothing_more(int answers, CancellationToken token)
    {
        var time = new ManualTimeProvider();
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        cluster.TimeProvider = time;
        var before = cluster.Api.Requests.Count;
        for (var answer = 0; answer < answers; answer++)
            cluster.Api.Pass();
        cluster.Api.Hang();

        var doctor = cluster.DoctorAsync();
        await cluster.Api.Hanging.WaitAsync(token);
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.That(await doctor, Has.One.StartsWith("Problem api-server:").And.One.Contain("did not answer within 5 s"));
        Assert.That(cluster.Api.Requests, Has.Count.EqualTo(before + answers + 1));
    }

    [Test]
    public async Task Credentials_that_are_not_accepted_are_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);

        Assert.That(await cluster.DoctorAsync(cluster.Api.ConfigurationOf("token: forged")),
            Has.One.StartsWith("Problem api-server:").And.One.Contain("does not accept the credentials of context 'test'"));
    }

    [TestCase("<html>Welcome</html>", "no JSON")]
    [TestCase("[]", "does not tell the version of an API server")]
    [TestCase("{\"gitVersion\": 7}", "does not tell the version of an API server")]
    public async Task What_is_no_API_server_is_a_problem(string answer, string what, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        cluster.Api.Fail(HttpStatusCode.OK, answer);

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.StartWith("Problem api-server:").And.Contain(what));
    }

    [TestCase("null")]
    [TestCase("{\"metadata\": []}")]
    [TestCase("{\"metadata\": {\"uid\": 1}}")]
    public async Task An_answer_that_is_no_Node_is_a_problem(string answer, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        cluster.Api.Pass();
        cluster.Api.Fail(HttpStatusCode.OK, answer);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith("Problem api-server:").And.One.Contain("The answer is no Node"));
    }

    [Test]
    public async Task Members_of_another_kind_than_they_should_be_count_as_missing(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        cluster.Api.Pass();
        cluster.Api.Fail(HttpStatusCode.OK, """
            {"metadata": {"name": [], "uid": "1", "labels": 7, "annotations": {"a": 1}, "managedFields": [{"fieldsV1": []}, 3]},
             "spec": {"taints": {}}, "status": {"capacity": {"beta.furiosa.ai/npu": 3, "alpha.furiosa.ai/npu": "many"}, "conditions": [null]}}
            """);
        cluster.Api.Fail(HttpStatusCode.OK, """{"resources": [{"name": 1}]}""");
        cluster.Api.Fail(HttpStatusCode.OK, """{"items": [null, {"metadata": {"name": 1}, "spec": {"containers": [[]]}, "status": "a"}]}""");
        cluster.Api.Fail(HttpStatusCode.OK, """{"items": {}}""");

        Assert.That(await cluster.DoctorAsync(), Has.Some.StartsWith("Problem labels:").And.Some.StartsWith("Problem resources:"));
    }

    [TestCase("node-1.example.com", "'node-1'")]
    [TestCase("node", "'node-1'")]
    [TestCase("db-7", "'node-1'")]
    public async Task A_Node_that_is_not_there_is_a_problem_with_names_that_are(string name, string there, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);

        Assert.That(await cluster.DoctorAsync(nodeName: name),
            Has.One.StartsWith($"Problem node: There is no Node '{name}', so nothing of it could be checked. | There is {there}."));
    }

    [Test]
    public async Task Of_many_Nodes_those_are_named_that_are_called_alike(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        using var admin = new KubernetesClient(cluster.Api.Admin, TimeProvider.System);
        foreach (var name in (string[])["a", "b", "c", "d", "e", "db-7.example.com"])
            await admin.ApplyAsync(KubernetesResource.Nodes.Named(name), [], "kubelet", false, token);

        Assert.That(await cluster.DoctorAsync(nodeName: "db-7"), Has.One.Contain("| There is 'db-7.example.com'. ->"));
    }

    [Test]
    public async Task A_Node_that_is_not_ready_is_a_problem_with_the_kubelets_reason(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token);
        await cluster.AddNodeAsync(ready: "False");

        Assert.That(await cluster.DoctorAsync(),
            Has.One.StartsWith("Problem node: Node 'node-1' is not ready. | KubeletNotReady: PLEG is not healthy"));
    }

    [Test]
    public async Task A_Node_that_is_cordoned_is_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token);
        await cluster.AddNodeAsync(spec: new JsonObject { ["unschedulable"] = true });

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo(
            "Warning node: Node 'node-1' is cordoned: it takes no new Pods. -> kubectl uncordon node-1"));
    }
}
