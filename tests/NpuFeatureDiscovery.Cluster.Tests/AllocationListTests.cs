using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary><c>devices --allocations</c> by what the node's kubelet tells.</summary>
public sealed class AllocationListTests : NodeTest
{
    [Test]
    [CancelAfter(Deadline)]
    public async Task A_pod_holds_its_card_and_the_other_is_free(CancellationToken token)
    {
        var host = await HostAsync(cards: 2, token);
        await PluginAsync(host, token);
        await OffersAsync(capacity: 2, allocatable: 2, token);
        Assert.That(await HoldersAsync(host, token), Is.EqualTo(["npu0 free -", "npu1 free -"]));

        var pod = await NpuPod.CreateAsync("one", npus: 1, token);
        var card = (await pod.UntilRunningAsync(token)).Single(line => line.StartsWith("NPU_NPUNAME="))["NPU_NPUNAME=".Length..];
        Assert.That(await HoldersAsync(host, token), Is.EquivalentTo(
            [$"{card} held default/one/npu", $"{(card == "npu0" ? "npu1" : "npu0")} free -"]));

        await pod.DeleteAsync(token);
        await Cluster.UntilAsync(() => HoldersAsync(host, token), holders => Array.TrueForAll(holders, line => line.EndsWith(" free -")), token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_is_shared_lists_its_cores(CancellationToken token)
    {
        var host = await HostAsync(cards: 1, token);
        await PluginAsync(host, token, "--default-pe", "Single");
        await OffersAsync(capacity: 2, allocatable: 2, token);

        await (await NpuPod.CreateAsync("one", npus: 1, token)).UntilRunningAsync(token);

        Assert.That(await HoldersAsync(host, token), Is.EquivalentTo(["npu0 held default/one/npu", "npu0 free -"]));
    }

    private static async Task<string[]> HoldersAsync(NpuHost host, CancellationToken token)
    {
        var result = await TheProgram.RunAsync(token, "devices", "--allocations", "--root", host.Root, "--output", "json");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        return [.. JsonNode.Parse(result.Output)!["allocations"]!.AsArray().Select(unit =>
            $"{unit!["name"]} {unit["state"]} {(unit["holder"] is { } holder ? $"{holder["namespace"]}/{holder["pod"]}/{holder["container"]}" : "-")}")];
    }
}
