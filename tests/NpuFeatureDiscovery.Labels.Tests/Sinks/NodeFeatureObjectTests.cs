using System.Text.Json;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

public sealed class NodeFeatureObjectTests
{
    private static readonly LabelSet One = Labelling.Set("beta.furiosa.ai/npu.count=1");

    [Test]
    public void What_the_sink_writes_is_what_it_holds()
    {
        using var document = JsonDocument.Parse(NodeFeatureContent.Create("node-1", One, []).ToJsonString());
        var feature = new NodeFeatureObject(document.RootElement);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(feature.HoldsCards(One), Is.True);
            Assert.That(feature.HoldsCards(Labelling.Set("beta.furiosa.ai/npu.count=2")), Is.True);
            Assert.That(feature.HoldsCards(LabelEngine.Create(Nodes.Of(Nodes.Warboy(0)), new LabelOptions())), Is.False);
            Assert.That(feature.Labels["beta.furiosa.ai/npu.count"], Is.EqualTo("1"));
            Assert.That(feature.HasOwner, Is.False);
        }
    }

    [Test]
    public void An_object_of_nfd_worker_tells_its_version()
    {
        using var document = JsonDocument.Parse("""
            {"metadata": {"name": "node-1", "namespace": "nfd", "annotations": {"nfd.node.kubernetes.io/worker.version": "v0.18.3"},
              "ownerReferences": [{"kind": "DaemonSet"}]}, "spec": {}}
            """);
        var feature = new NodeFeatureObject(document.RootElement);

        Assert.That(
            (feature.Namespace, feature.Name, feature.WorkerVersion, feature.HasOwner), Is.EqualTo(("nfd", "node-1", "v0.18.3", true)));
    }

    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("""{"metadata": 1, "spec": {"labels": [1]}}""")]
    public void What_is_not_there_is_empty(string text)
    {
        using var document = JsonDocument.Parse(text);
        var feature = new NodeFeatureObject(document.RootElement);

        Assert.That((feature.Name, feature.WorkerVersion, feature.Labels.Count, feature.HoldsCards(One)), Is.EqualTo(("", (string?)null, 0, false)));
    }

    [Test]
    public void Names_and_selectors_are_those_of_the_Node()
    {
        Assert.That(NodeFeatureObject.NameFor("node-1"), Is.EqualTo("npu-feature-discovery-for-node-1"));
        Assert.That(NodeFeatureObject.SelectorFor("node-1"), Is.EqualTo("nfd.node.kubernetes.io/node-name=node-1"));
    }
}
