
namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

/// <summary>What is told of labels that are missing, different or left over, and of those who write them besides.</summary>
[CancelAfter(60_000)]
public sealed class LabelsTests
{
    private const string Count = "beta.furiosa.ai/npu.count";

    [Test]
    public async Task Labels_that_nothing_publishes_are_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem labels: Node 'node-1' lacks 10 labels of 10: beta.furiosa.ai/driver.reference, beta.furiosa.ai/driver.version, "
            + "beta.furiosa.ai/driver.version.major, beta.furiosa.ai/driver.version.minor and 6 more. | Nothing publishes them from here"));
    }

    [Test]
    public async Task A_Node_without_cards_and_labels_is_well(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token);
        await cluster.AddNodeAsync();

        Assert.That(await cluster.DoctorAsync(), Has.All.StartsWith("Ok "));
    }

    [Test]
    public async Task A_label_that_somebody_changed_is_a_problem_with_the_managers_name(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.LabelAsync(Count, "7", "kubectl-label");

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.EqualTo(
            "Problem labels: Node 'node-1' has other values of 1 label: beta.furiosa.ai/npu.count is '7', not '2'. | The field manager "
            + "'kubectl-label' has set them. -> Remove them (kubectl label node node-1 KEY-): then they are published again. "
            + "Or take them over ('label --force-conflicts')."));
        Assert.That(lines, Has.None.Contain("other-writers"));
    }

    [Test]
    public async Task A_label_that_somebody_changed_under_NFD_is_not_told_as_NFDs(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.PublishFileAsync();
        await cluster.LabelByNfdAsync();
        await cluster.LabelAsync(Count, "7", "kubectl-label");

        Assert.That(await cluster.DoctorAsync(), Has.One.Contain("is '7', not '2'. | The field manager 'kubectl-label' has set them."));
    }

    [Test]
    public async Task Labels_of_cards_that_have_changed_since_are_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        cluster.Host.AddRngd(0);

        var lines = await cluster.DoctorAsync();

        Assert.That(lines, Has.One.Contain("beta.furiosa.ai/npu.count is '2', not '3'").And.One.Contain("What is published still says so"));
        Assert.That(lines, Has.One.StartsWith("Problem labels: Node 'node-1' lacks 2 labels of"));
    }

    [Test]
    public async Task A_label_that_we_left_is_a_problem(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        cluster.Host.Delete("/sys/class/dmi/id/product_name");

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Problem labels: Node 'node-1' has 1 label that its cards do not give: beta.furiosa.ai/machine.name=SYS-421GE-TNRT. | We put them there"));
    }

    [TestCase("alpha.furiosa.ai/npu.family", "warboy")]
    [TestCase("furiosa.ai/npu.count", "1")]
    public async Task Labels_of_an_earlier_tool_are_a_warning_with_its_name(string key, string value, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.LabelAsync(key, value, "k8s-node-labeller");

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo(
            $"Warning labels: Node 'node-1' has 1 label that its cards do not give: {key}={value}. | The field manager 'k8s-node-labeller' has "
            + "set them. An earlier tool may have left them. -> If nothing selects by them, remove them: kubectl label node node-1 KEY-"));
    }

    [TestCase("beta.furiosa.ai/rack")]
    [TestCase("example.com/npu.count")]
    [TestCase("feature.node.kubernetes.io/furiosa-npu")]
    public async Task A_label_that_is_not_of_our_kind_is_left_alone(string key, CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.LabelAsync(key, "7", "kubectl-label");

        Assert.That(await cluster.DoctorAsync(), Has.All.StartsWith("Ok "));
    }

    [Test]
    public async Task What_a_rule_of_NFD_or_a_source_unseen_gives_is_a_warning(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartHealthyAsync(token);
        await cluster.LabelByNfdAsync("furiosa.ai/npu.count=1");

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith("Warning labels:").And.One.Contain("of a source that is gone or cannot be seen"));
    }

    [Test]
    public async Task Who_has_set_our_labels_to_our_values_is_another_writer(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        await cluster.LabelAsync(Count, "1", "kubectl-label");
        await cluster.PublishOnNodeAsync();

        Assert.That(await cluster.DoctorAsync(), Has.One.StartsWith(
            "Warning other-writers: The field manager 'kubectl-label' has set labels of ours too: beta.furiosa.ai/npu.count."));
    }

    [Test]
    public async Task The_profiles_that_are_published_are_those_that_are_wanted(CancellationToken token)
    {
        await using var cluster = await CheckedCluster.StartAsync(token, cards: 1);
        await cluster.AddNodeAsync(1, 1);
        cluster.WriteFile("npu-feature-discovery", "alpha.furiosa.ai/npu.family=warboy\nalpha.furiosa.ai/npu.hwtype=haps\nexample.com/own=1\n");
        File.SetLastWriteTimeUtc(cluster.FileAt("npu-feature-discovery"), DateTime.UtcNow.AddHours(-1));
        await cluster.LabelByNfdAsync("alpha.furiosa.ai/npu.family=warboy", "alpha.furiosa.ai/npu.hwtype=haps", "example.com/own=1");

        Assert.That(await cluster.DoctorAsync(), Has.One.EqualTo("Ok labels: All 2 labels are in force on Node 'node-1'.").And.All.StartsWith("Ok "));
    }
}
