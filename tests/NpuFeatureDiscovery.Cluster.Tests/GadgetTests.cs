using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>The device plugin of samples/device-plugin, which knows the library alone.</summary>
public sealed class GadgetTests : NodeTest
{
    private const string Resource = "example.com/gadget";

    [Test]
    [CancelAfter(2 * Deadline)]
    public async Task A_pod_that_asks_for_a_device_of_another_vendor_sees_it(CancellationToken token)
    {
        var sample = EndWithTest(new PackagedSample("samples/device-plugin", "Devices", "Grpc", "DevicePlugin"));
        var plugin = EndWithTest(await sample.StartAsync(command => command.Replace(" out/device-plugins", "", StringComparison.Ordinal), token));
        await plugin.WaitForAsync(Watched, token);
        await File.WriteAllTextAsync(sample.At("out/gadgets/broken"), "", token);
        await Cluster.UntilAsync(() => Cluster.CountAsync(Resource, token), counts => counts == ("2", "1"), token);

        var pod = ReadmeCommand.Blocks("samples/device-plugin/README.md", "yaml").Single()
            .Replace("  name: gadget\nspec:", "  name: gadget\n  labels: {test: npu}\nspec:\n  hostNetwork: true", StringComparison.Ordinal);
        await Cluster.ApplyAsync(pod, token);
        await Cluster.UntilAsync(
            () => Cluster.KubectlAsync(["get", "pod", "gadget", "-o", "jsonpath={.status.phase}"], token), phase => phase == "Succeeded", token);

        Assert.That(await Cluster.KubectlAsync(["logs", "gadget"], token), Is.EqualTo("gadget-0:\nred\n"));
    }
}
