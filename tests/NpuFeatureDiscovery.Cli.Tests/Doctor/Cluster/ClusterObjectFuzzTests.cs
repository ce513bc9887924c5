using NpuFeatureDiscovery.Cli.Doctor.Cluster;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor.Cluster;

public sealed class ClusterObjectFuzzTests
{
    private static readonly FuzzTarget Target = new("api-answer")
    {
        Words =
        [
            "\"metadata\":", "\"uid\":\"u\",", "\"spec\":", "\"status\":", "\"containers\":", "\"resources\":", "\"requests\":", "\"affinity\":",
            "\"values\":", "\"operator\":\"Lt\"", "\"conditions\":", "\"taints\":", "\"capacity\":", "{\"a\":", "null,", "[],",
        ],
        MaxSize = 256 * 1024,
        BytesPerByte = 300,
    };

    [Test]
    public void Whatever_stands_in_the_place_of_a_Node_or_a_Pod_doctor_reads_what_it_can() => JsonFuzz.Check(Target, answer =>
    {
        var pod = new ClusterPod(answer, _ => true);
        Fuzz.Require(pod.Requests.Values.All(amount => amount >= 0), "It asks for less than nothing.");
        try
        {
            var node = new ClusterNode(answer, _ => true);
            foreach (var term in pod.Terms)
                _ = term.UnmetBy(node).Select(requirement => requirement.ToString()).ToArray();
        }
        catch (KubernetesException)
        {
            // It is no Node.
        }
    });
}
