using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary><c>doctor</c> in a Pod of feature discovery, as deploy/README.md tells, with the rights of that Pod alone.</summary>
public sealed class DoctorPodTests : InstallationTest
{
    private static readonly string Command = ReadmeCommand.InBlocks("deploy/README.md").Single(line => line.StartsWith("kubectl exec "));

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_Pod_that_labels_the_Node_sees_the_Node_and_says_which_rights_would_show_more(CancellationToken token)
    {
        await InstallAsync("without-nfd", await HostAsync(cards: 2, token), token);

        var lines = await DoctorAsync(token);

        Assert.That(lines, Does.Contain("Node 'node-1' is there").And.Contain("All 10 labels are in force on Node 'node-1'."));
        Assert.That(lines, Does.Contain("The account of the pod's service account may not list pods.")
            .And.Contain("- apiGroups: [\"\"], resources: [\"pods\"], verbs: [\"list\"]"));
        // The kubelet keeps the count of a plugin of an earlier test for five minutes.
        Assert.That(lines, Does.Match("offers none of its 2 cards\\.|Pods can have 0 of [0-9]+ "));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_Pod_that_writes_a_feature_file_has_no_token_and_judges_the_file(CancellationToken token)
    {
        await InstallAsync("nfd-feature-file", await LabelledHostAsync(cards: 2, token), token);

        var lines = await DoctorAsync(token);

        Assert.That(lines, Does.Contain("No API server can be asked.").And.Contain("the Pod has no token of a service account"));
        Assert.That(lines, Does.Contain("NFD makes 10 labels of 'npu-feature-discovery'."));
    }

    /// <summary>Its table as one line, whatever it ends with: what is wrong here is no matter.</summary>
    private static async Task<string> DoctorAsync(CancellationToken token)
    {
        var pod = (string)(await Cluster.PodAsync(FeatureDiscovery, token))["metadata"]!["name"]!;
        var table = await Cluster.ShellAsync("bash", ["-uc", $"{Command.Replace("POD", pod)} || test $? = 1"], "", token);
        return string.Join(' ', table.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }
}
