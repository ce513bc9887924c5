using System.Text.Json;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

public sealed class LabelledNodeTests
{
    private const string Count = "beta.furiosa.ai/npu.count";

    [Test]
    public void A_label_is_ours_NFDs_or_whose_manager_has_set_it()
    {
        var node = Read("""
            {
              "uid": "1", "labels": {"beta.furiosa.ai/npu.count": "2", "feature.node.kubernetes.io/a": "true", "zone": "b"},
              "annotations": {"nfd.node.kubernetes.io/feature-labels": "a"},
              "managedFields": [
                {"manager": "npu-feature-discovery", "operation": "Apply", "fieldsV1": {"f:metadata": {"f:labels": {"f:beta.furiosa.ai/npu.count": {}}}}},
                {"manager": "kubectl-label", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:zone": {}, "f:beta.furiosa.ai/npu.count": {}}}}}
              ]
            }
            """);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(node.Labels[Count], Is.EqualTo("2"));
            Assert.That((node.IsOwn(Count), node.IsOwn("zone")), Is.EqualTo((true, false)));
            Assert.That((node.IsOfNfd("feature.node.kubernetes.io/a"), node.IsOfNfd("zone")), Is.EqualTo((true, false)));
            Assert.That(node.OthersWith(Count), Is.EqualTo(["kubectl-label"]));
            Assert.That(node.OthersWith("feature.node.kubernetes.io/a"), Is.Empty);
        }
    }

    [TestCase("", "", false, null)]
    [TestCase("\"nfd.node.kubernetes.io/feature-labels\": \"\"", "", true, null)]
    [TestCase("\"nfd.node.kubernetes.io/master.version\": \"v0.11.0\"", "", false, "v0.11.0")]
    [TestCase("\"nfd.node.kubernetes.io/master.version\": \"v0.11.0\"", ", \"nfd.node.kubernetes.io/worker.version\": \"v0.11.3\"", false, "v0.11.3")]
    [TestCase("\"nfd.node.kubernetes.io/worker.version\": \"v0.11.3\"", ", \"nfd.node.kubernetes.io/master.version\": \"v0.11.0\"", false, "v0.11.3")]
    [TestCase("\"b.nfd.node.kubernetes.io/worker.version\": \"v0.14.1\"", ", \"b.nfd.node.kubernetes.io/feature-labels\": \"a\"", true, "v0.14.1")]
    [TestCase("\"notnfd.node.kubernetes.io/worker.version\": \"v0.14.1\"", "", false, null)]
    public void NFD_and_its_version_are_known_by_its_annotations(string first, string second, bool hasNfd, string? version)
    {
        var node = Read($$"""{"uid": "1", "annotations": { {{first}}{{second}} } }""");

        Assert.That((node.HasNfd, node.NfdVersion), Is.EqualTo((hasNfd, version)));
    }

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("{\"uid\": 7}")]
    public void What_has_no_uid_is_no_Node(string metadata) =>
        Assert.That(() => Read(metadata), Throws.InstanceOf<KubernetesException>().With.Message.StartsWith("The answer is no Node."));

    [Test]
    public void Members_of_another_kind_count_as_missing()
    {
        var node = Read("""
            {"uid": "1", "labels": {"a": 1, "b": "2"}, "annotations": [], "managedFields": [7, {"fieldsV1": []}, {"fieldsV1": {"f:metadata": {"f:labels": 1}}}]}
            """);

        Assert.That(node.Labels, Is.EquivalentTo(new Dictionary<string, string> { ["b"] = "2" }));
        Assert.That(node.OthersWith("b"), Is.Empty);
    }

    private static LabelledNode Read(string metadata)
    {
        using var document = JsonDocument.Parse($$"""{"metadata": {{metadata}} }""");
        return new LabelledNode(document.RootElement.Clone());
    }
}
