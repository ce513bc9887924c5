using NpuFeatureDiscovery.Deploy.Tests.Schemas;

namespace NpuFeatureDiscovery.Deploy.Tests.Manifests;

/// <summary>On which nodes the Pods run.</summary>
[CancelAfter(60_000)]
public sealed class NodeSelectionTests
{
    [TestCase("feature.node.kubernetes.io/pci-1ed2.present")]
    [TestCase("feature.node.kubernetes.io/pci-1200_1ed2.present")]
    [TestCase("feature.node.kubernetes.io/furiosa-npu")]
    public async Task With_NFD_any_one_of_its_labels_is_enough(string label, CancellationToken token)
    {
        foreach (var pod in (await Overlay.RenderAsync("everything", token)).Pods)
        {
            var terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].Items()
                .Select(term => term["matchExpressions"].Items().ToArray());
            var requirements = terms.Where(term => term.Length == 1).Select(term => term[0]);

            Assert.That(
                requirements.Select(term => ((string?)term["key"], (string?)term["operator"], (string?)term["values"][0])),
                Does.Contain((label, "In", "true")));
        }
    }

    [TestCase("without-nfd")]
    [TestCase("everything-without-nfd")]
    [TestCase("cleanup")]
    [TestCase("legacy-labeller")]
    public async Task Without_NFD_they_run_everywhere(string overlay, CancellationToken token)
    {
        foreach (var pod in (await Overlay.RenderAsync(overlay, token)).Pods)
        {
            Assert.That(pod.At("affinity"), Is.Null);
            Assert.That(pod["nodeSelector"].Texts().Keys, Is.EquivalentTo(["kubernetes.io/os", "kubernetes.io/arch"]));
        }
    }

    [Test]
    public async Task Without_NFD_they_may_run_where_nodes_are_labelled_by_hand(CancellationToken token)
    {
        foreach (var pod in (await Overlay.RenderAsync("everything", token, "labelled-nodes")).Pods)
        {
            Assert.That(pod.At("affinity"), Is.Null);
            Assert.That(pod["nodeSelector"].Texts(), Does.ContainKey("furiosa").WithValue("true"));
        }
    }

    [TestCaseSource(typeof(Overlay), nameof(Overlay.Names))]
    public async Task Taints_that_keep_other_Pods_from_the_NPUs_do_not_keep_them(string overlay, CancellationToken token)
    {
        foreach (var pod in (await Overlay.RenderAsync(overlay, token)).Pods)
        {
            var tolerations = pod["tolerations"].Items().Select(toleration => (toleration.Text("key"), toleration.Text("operator")));

            // A cleanup leaves no node out.
            Assert.That(tolerations, Is.EquivalentTo(overlay == "cleanup"
                ? new (string?, string?)[] { (null, "Exists") }
                : [("furiosa.ai/npu", "Exists"), ("beta.furiosa.ai/npu", "Exists")]));
        }
    }
}
