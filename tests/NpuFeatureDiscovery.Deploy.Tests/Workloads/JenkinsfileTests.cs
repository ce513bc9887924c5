using System.Text.RegularExpressions;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Workloads;

public sealed partial class JenkinsfileTests
{
    private readonly string _pipeline = Definition().Replace(SampleWorkloads.Read("Jenkinsfile"), "");

    [Test]
    public void It_builds_and_then_tests_on_both_at_the_same_time() => Assert.That(
        Stages().Matches(_pipeline).Select(match => match.Groups[1].Value),
        Is.EqualTo(["build", "Build Application", "test", "Inference On Warboy", "Inference On FPGA"]));

    [Test]
    public void Each_Pod_is_that_of_one_stage() => Assert.That(
        Pods().Matches(_pipeline).Select(match => match.Groups[1].Value), Is.EqualTo(SampleWorkloads.PodsOfJenkinsfile.Keys));

    [Test]
    public void Steps_run_in_a_container_that_the_stages_Pod_has()
    {
        var containers = Containers().Matches(_pipeline).Select(match => match.Groups[1].Value);
        var pods = Workload.WithPods.Where(workload => workload.File.StartsWith("Jenkinsfile"));

        Assert.That(containers, Is.EqualTo(pods.Select(pod => (string?)pod.Containers.Single()["name"])));
    }

    [Test]
    public void Every_bracket_is_closed()
    {
        var open = new Stack<char>();
        foreach (var character in Comment().Replace(_pipeline, ""))
        {
            if (character is '{' or '(')
                open.Push(character == '{' ? '}' : ')');
            else if (character is '}' or ')')
                Assert.That(open.TryPop(out var closing) ? closing : ' ', Is.EqualTo(character));
        }

        Assert.That(open, Is.Empty);
    }

    [GeneratedRegex(@"'''.*?'''", RegexOptions.Singleline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"stage\('([^']+)'\)")]
    private static partial Regex Stages();

    [GeneratedRegex(@"yaml (\w+)")]
    private static partial Regex Pods();

    [GeneratedRegex(@"container\('([^']+)'\)")]
    private static partial Regex Containers();
}
