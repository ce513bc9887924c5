namespace NpuFeatureDiscovery.Deploy.Tests.Workloads;

/// <summary>Against samples/nodes, so that a misspelt label or value finds no node.</summary>
public sealed class NodeSelectionTests
{
    [TestCase("select-by-product.yaml", "degraded", "warboy-1", "warboy-2")]
    [TestCase("select-by-family.yaml", "degraded", "u250", "warboy-1", "warboy-2", "warboy-old-driver")]
    [TestCase("select-by-driver-version.yaml", "degraded", "warboy-2")]
    [TestCase("Jenkinsfile, warboyPod", "degraded", "warboy-1", "warboy-2")]
    [TestCase("Jenkinsfile, fpgaPod", "u250")]
    public void A_Pod_may_run_on(string file, params string[] nodes) => Assert.That(
        NodesFor(Workload.WithPods.Single(workload => workload.File == file)), Is.EquivalentTo(nodes));

    [Test]
    public void The_others_may_run_on_any_node()
    {
        var others = Workload.WithPods.Where(workload => NodeRequirement.Of(workload.Pod) is [[]]);

        Assert.That(others.Select(workload => workload.File).Distinct(), Is.EquivalentTo([
            "pod.yaml", "job.yaml", "cronjob.yaml", "deployment.yaml", "jupyterlab.yaml", "code-server.yaml",
            "taint-and-toleration.yaml", "gpu-and-npu.yaml", "limits.yaml", "Jenkinsfile, cpuPod"]));
    }

    [Test]
    public void Every_value_that_is_asked_for_is_one_that_the_label_engine_gives()
    {
        var given = SampleNodes.Labels.Values.SelectMany(labels => labels).Select(label => $"{label.Key}={label.Value}").ToHashSet();

        var asked = Workload.WithPods.SelectMany(workload => NodeRequirement.Of(workload.Pod)).SelectMany(term => term)
            .Where(requirement => requirement.Operator is "In" or "NotIn")
            .SelectMany(requirement => requirement.Values.Select(value => $"{requirement.Key}={value}")).ToHashSet();

        Assert.That(asked, Is.Not.Empty.And.SubsetOf(given));
    }

    private static IEnumerable<string> NodesFor(Workload workload) => SampleNodes.Labels
        .Where(node => NodeRequirement.Of(workload.Pod).Any(term => term.All(asked => asked.IsMetBy(node.Value))))
        .Select(node => node.Key);
}
