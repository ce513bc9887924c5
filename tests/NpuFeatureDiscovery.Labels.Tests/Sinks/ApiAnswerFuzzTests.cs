using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

/// <summary>Objects that the API server gives, or what stands in its place.</summary>
public sealed class ApiAnswerFuzzTests
{
    private static readonly FuzzTarget Target = new("api-answer")
    {
        Words =
        [
            "\"metadata\":", "\"uid\":\"u\",", "\"labels\":", "\"annotations\":", "\"managedFields\":", "\"ownerReferences\":", "\"spec\":",
            "\"features\":", "{\"a\":", "\"a\":1,", "\"f:labels\":", "\"f:", "\\udc00", "null,", "[],",
        ],
        MaxSize = 256 * 1024,
        BytesPerByte = 300,
    };

    private static readonly LabelSet Labels = Labelling.Set("example.com/a=1", "beta.furiosa.ai/npu.count=1");

    [Test]
    public void Whatever_stands_in_the_place_of_a_Node_it_tells_its_labels_or_that_it_is_none() => JsonFuzz.Check(Target, answer =>
    {
        try
        {
            var node = new NodeState(answer);
            _ = node.StandingOf(Labels, isNew: false);
            _ = node.IsApplied(Labels.Labels);
            Fuzz.Require(node.AppliedLabels.Count == node.AppliedKeys.Count, "A key has no label.");
        }
        catch (KubernetesException exception)
        {
            Fuzz.Require(exception.Message.Contains("no Node", StringComparison.Ordinal), exception.Message);
        }
    });

    [Test]
    public void Whatever_stands_in_the_place_of_a_NodeFeature_it_tells_what_it_has() => JsonFuzz.Check(Target, answer =>
    {
        _ = new NodeFeatureObject(answer).HoldsCards(Labels);
        _ = NodeFeatureContent.IsIn(answer, NodeFeatureContent.Create("n1", Labels, []));
        _ = NodeFeatureContent.OwnersOf(answer).Count;
    });
}
