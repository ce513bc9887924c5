using System.Text.Json.Nodes;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

/// <summary>What is told of Node Feature Discovery and of what it makes of our file and our object.</summary>
[CancelAfter(60_000)]
public sealed class NfdTests
{
    [Test]
    public async Task The_version_and_how_NFD_gets_features_are_told(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.EqualTo(
            "Ok nfd: NFD v0.18.3 labels Node 'node-1'. | nfd-worker publishes a NodeFeature object in 'node-feature-discovery': "
            + "feature files and NodeFeature objects are read."));
        Assert.That(lines, Has.One.EqualTo("Ok nfd-feature-file: NFD v0.18.3 makes 10 labels of 'npu-feature-discovery'."));
        Assert.That(lines, Has.One.EqualTo("Ok labels: All 10 labels are in force on Node 'node-1'."));
        Assert.That(lines, Has.None.StartsWith("Problem").And.None.Contains("other-writers"));
    }

    [TestCase("nfd.node.kubernetes.io/")]
    [TestCase("second.nfd.node.kubernetes.io/")]
    public async Task An_NFD_before_0_15_tells_its_version_on_the_Node(string prefix, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AnnotateAsync(prefix + "feature-labels", "pci-1200_1ed2.present");
        await cluster.AnnotateAsync(prefix + "worker.version", "v0.11.3");

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo(
            "Ok nfd: NFD v0.11.3 labels Node 'node-1'. | No NodeFeature object of its nfd-worker is seen: feature files are read."));
    }

    [Test]
    public async Task The_image_of_nfd_worker_tells_the_version_where_nothing_else_does(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AnnotateAsync("nfd.node.kubernetes.io/feature-labels", "pci-1200_1ed2.present");
        await cluster.AddPodAsync("nfd-worker-x7k2p", 0, "Running",
            new JsonObject { ["image"] = "registry.k8s.io/nfd/node-feature-discovery:v0.16.1" }, Ready("True"));

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith("Ok nfd: NFD v0.16.1 labels Node 'node-1'."));
    }

    [Test]
    public async Task An_nfd_worker_that_is_not_ready_is_a_problem_with_what_it_waits_for(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);
        var status = Ready("False");
        status["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "CrashLoopBackOff", ["message"] = "back-off 5m0s" } },
        });
        await cluster.AddPodAsync("nfd-worker-x7k2p", 0, "Running",
            new JsonObject { ["image"] = "registry.k8s.io/nfd/node-feature-discovery:v0.18.3" }, status);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem nfd: nfd-worker, Pod 'default/nfd-worker-x7k2p', is not ready. | CrashLoopBackOff: back-off 5m0s"));
    }

    [Test]
    public async Task A_version_that_is_not_known_is_judged_as_the_newest_that_is(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.42.0", token);

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Warning nfd: NFD v0.42.0 labels Node 'node-1', a version that is not known here.*judged as NFD 0.19 reads it"));
    }

    [Test]
    public async Task An_nfd_master_that_labels_nothing_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.AddWorkerAsync("v0.18.3");

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem nfd: NFD v0.18.3 is on Node 'node-1', and nfd-master has given the Node no label."));
    }

    [Test]
    public async Task A_feature_file_that_nobody_reads_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.PublishFileAsync();

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith(
            "Problem nfd: No Node Feature Discovery labels Node 'node-1', so nobody reads the feature file 'npu-feature-discovery'."));
        Assert.That(lines, Has.One.StartsWith("Problem labels: Node 'node-1' lacks 10 labels of 10:").And.One.Contain("and none is on this Node"));
    }

    [Test]
    public async Task A_lease_that_has_run_out_is_a_problem_from_NFD_0_14_on(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AddWorkerAsync("v0.18.3");
        await cluster.LabelByNfdAsync("feature.node.kubernetes.io/pci-1ed2.present=true");
        await cluster.PublishFileAsync();
        cluster.WriteFile("npu-feature-discovery", "# +expiry-time=2020-01-01T00:00:00Z\n" + File.ReadAllText(cluster.FileAt("npu-feature-discovery")));
        File.SetLastWriteTimeUtc(cluster.FileAt("npu-feature-discovery"), DateTime.UtcNow.AddHours(-1));

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith("Problem nfd-feature-file: NFD v0.18.3 makes no label of 10 lines of 'npu-feature-discovery':")
            .And.One.Contain("It expired at 2020-01-01T00:00:00Z. -> See whether the agent runs"));
        Assert.That(lines, Has.One.Match("^Problem labels: Node 'node-1' lacks 10 labels of 10.*It expired at"));
    }

    [Test]
    public async Task A_lease_that_NFD_does_not_heed_is_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AnnotateAsync("nfd.node.kubernetes.io/worker.version", "v0.13.6");
        await cluster.PublishFileAsync(lease: TimeSpan.FromMinutes(5));
        await cluster.LabelByNfdAsync();

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning nfd-feature-file: NFD v0.13.6 does not heed the lease of 'npu-feature-discovery'."));
    }

    [Test]
    public async Task A_file_that_nfd_worker_may_not_read_is_a_problem(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);
        File.SetUnixFileMode(cluster.FileAt("npu-feature-discovery"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith("Problem nfd-feature-file: NFD v0.18.3 does not read 'npu-feature-discovery'")
            .And.One.Contain("set its mode to 0644"));
    }

    [Test]
    public async Task A_later_file_that_wins_over_ours_is_a_problem_and_another_writer(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);
        cluster.WriteFile("zz-old", "beta.furiosa.ai/npu.count=7\n");
        await cluster.LabelAsync("beta.furiosa.ai/npu.count", "7", "nfd-master");

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith("Problem nfd-feature-file: NFD v0.18.3 makes no label of 1 line of 'npu-feature-discovery': "
            + "beta.furiosa.ai/npu.count. | File 'zz-old' has the same key, and counts."));
        Assert.That(lines, Has.One.StartsWith("Problem labels: Node 'node-1' has other values of 1 label: beta.furiosa.ai/npu.count is '7', not '1'. "
            + "| The feature file 'zz-old' says so, and counts."));
        Assert.That(lines, Has.One.StartsWith("Warning other-writers: The feature file 'zz-old' has our keys too: beta.furiosa.ai/npu.count."));
    }

    [Test]
    public async Task An_earlier_file_with_our_keys_is_a_warning_though_ours_counts(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);
        cluster.WriteFile("ffd", "beta.furiosa.ai/npu.count=7\n");

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith("Warning other-writers: The feature file 'ffd'").And.None.StartsWith("Problem"));
    }

    [Test]
    public async Task A_file_that_says_something_else_than_the_cards_is_a_problem(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);
        cluster.Host.AddWarboy(1);

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith(
            "Problem nfd-feature-file: 'npu-feature-discovery' says something else than the cards: beta.furiosa.ai/npu.count."));
        Assert.That(lines, Has.One.Contain("beta.furiosa.ai/npu.count is '1', not '2'. | What is published still says so, not what the cards say now."));
    }

    [Test]
    public async Task An_old_NFD_that_refuses_the_namespace_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AnnotateAsync("nfd.node.kubernetes.io/worker.version", "v0.11.3");
        await cluster.LabelByNfdAsync("feature.node.kubernetes.io/pci-1ed2.present=true");
        await cluster.PublishFileAsync();

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Problem labels: Node 'node-1' lacks 10 labels of 10.*nfd-master 0.11 does not allow this namespace: have it in extraLabelNs"));
    }

    [Test]
    public async Task An_old_NFD_that_was_told_to_allow_the_namespace_is_believed(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AnnotateAsync("nfd.node.kubernetes.io/worker.version", "v0.11.3");
        await cluster.PublishFileAsync();
        await cluster.LabelByNfdAsync();

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith("Ok nfd-feature-file:").And.One.StartsWith("Ok labels:"));
    }

    [TestCase("v0.18.3", true)]
    [TestCase("v0.14.1", false)]
    public async Task A_namespace_that_nfd_master_denies_is_a_problem(string version, bool hasObject, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.PublishFileAsync();
        await cluster.AnnotateAsync("nfd.node.kubernetes.io/worker.version", version);
        await cluster.LabelByNfdAsync("feature.node.kubernetes.io/pci-1ed2.present=true");
        if (hasObject)
            await cluster.AddWorkerAsync(version, [.. cluster.Wanted().Labels.Select(label => label.ToString())]);

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Problem labels: Node 'node-1' lacks 10 labels of 10.*NFD v0.1.* gives the Node no label of the namespace 'beta.furiosa.ai': its "
            + "nfd-master seems to deny it. -> Take 'beta.furiosa.ai' out of nfd-master's setting denyLabelNs"));
    }

    [Test]
    public async Task An_nfd_worker_that_does_not_read_the_folder_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.PublishFileAsync();
        await cluster.LabelByNfdAsync("feature.node.kubernetes.io/pci-1ed2.present=true");
        await cluster.AddWorkerAsync("v0.18.3", "feature.node.kubernetes.io/pci-1ed2.present=true");

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Problem labels: Node 'node-1' lacks 10 labels of 10.*nfd-worker does not publish what the file says"));
    }

    [TestCase("v0.18.3", "")]
    [TestCase("v0.19.0", "The watch of NFD 0.19 misses some changes.")]
    public async Task A_file_that_NFD_may_not_have_read_yet_is_a_warning(string version, string watch, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AddWorkerAsync(version);
        await cluster.LabelByNfdAsync("feature.node.kubernetes.io/pci-1ed2.present=true");
        await cluster.PublishFileAsync(age: TimeSpan.FromSeconds(30));

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            $"^Warning labels: Node 'node-1' lacks 10 labels of 10.*NFD reads its folder every 60 s by its default.*{watch}"));
    }

    [Test]
    public async Task One_label_that_NFD_leaves_out_is_a_matter_of_its_white_list(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.14.1", token, hasObject: false);
        await cluster.LabelAsync("beta.furiosa.ai/machine.name", null, "nfd-master");

        Assert.That(await cluster.DoctorAsync(), Has.One.Match(
            "^Problem labels: Node 'node-1' lacks 1 label of 10: beta.furiosa.ai/machine.name. .*labelWhiteList"));
    }

    [Test]
    public async Task Our_object_that_says_what_the_cards_say_is_well(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AddWorkerAsync("v0.18.3");
        await cluster.PublishObjectAsync();
        await cluster.LabelByNfdAsync();

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.EqualTo("Ok node-feature: NodeFeature 'kube-system/npu-feature-discovery-for-node-1' holds 10 labels."));
        Assert.That(lines, Has.One.StartsWith("Warning node-feature: NodeFeature 'kube-system/npu-feature-discovery-for-node-1' has no owner."));
        Assert.That(lines, Has.None.StartsWith("Problem"));
    }

    [Test]
    public async Task Our_object_that_is_old_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AddWorkerAsync("v0.18.3");
        await cluster.PublishObjectAsync();
        cluster.Host.AddWarboy(1);

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith(
            "Problem node-feature: NodeFeature 'kube-system/npu-feature-discovery-for-node-1' says something else than the cards: "
            + "beta.furiosa.ai/npu.count."));
        Assert.That(lines, Has.One.StartsWith(
            "Problem node-feature: NodeFeature 'kube-system/npu-feature-discovery-for-node-1' tells NodeFeatureRules of other cards"));
    }

    [Test]
    public async Task Our_object_in_two_namespaces_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AddWorkerAsync("v0.18.3");
        await cluster.PublishObjectAsync();
        await cluster.PublishObjectAsync("earlier");

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem node-feature: There are 2 NodeFeature objects 'npu-feature-discovery-for-node-1', in earlier, kube-system."));
    }

    [Test]
    public async Task Our_object_beside_an_NFD_that_does_not_read_it_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.AddWorkerAsync("v0.12.5");
        await cluster.PublishObjectAsync();
        await cluster.LabelByNfdAsync("feature.node.kubernetes.io/pci-1ed2.present=true");

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith("Problem node-feature: NFD v0.12.5 does not read NodeFeature"));
        Assert.That(lines, Has.One.StartsWith("Problem labels:").And.One.Contain("reads none as far as can be seen"));
    }

    [Test]
    public async Task Another_programs_object_with_our_keys_is_another_writer(CancellationToken token)
    {
        await using var cluster = await WithNfdAsync("v0.18.3", token);
        await cluster.AddNodeFeatureAsync("zoo", "theirs", null, "beta.furiosa.ai/npu.count=7");
        await cluster.LabelAsync("beta.furiosa.ai/npu.count", "7", "nfd-master");

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.StartsWith("Warning other-writers: NodeFeature 'zoo/theirs' has our keys too: beta.furiosa.ai/npu.count."));
        Assert.That(lines, Has.One.StartsWith("Problem labels:").And.One.Contain("NodeFeature 'zoo/theirs' says so, and counts."));
    }

    /// <summary>A Node with one card, whose labels an NFD has made of our feature file.</summary>
    private static async Task<CheckedCluster> WithNfdAsync(string version, CancellationToken token, bool hasObject = true)
    {
        var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.PublishFileAsync();
        await cluster.LabelByNfdAsync();
        if (hasObject)
            await cluster.AddWorkerAsync(version, [.. cluster.Wanted().Labels.Select(label => label.ToString())]);
        else
            await cluster.AnnotateAsync("nfd.node.kubernetes.io/worker.version", version);

        return cluster;
    }

    private static JsonObject Ready(string status) => new()
    {
        ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = status }),
    };
}
