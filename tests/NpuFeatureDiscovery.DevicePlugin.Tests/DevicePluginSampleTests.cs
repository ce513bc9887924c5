using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class DevicePluginSampleTests : IDisposable
{
    private const string Resource = "example.com/gadget";

    private readonly PackagedSample _sample = new("samples/device-plugin", "Devices", "Grpc", "DevicePlugin");

    public void Dispose() => _sample.Dispose();

    [Test]
    [CancelAfter(240_000)]
    public async Task A_foreign_plugin_offers_devices_of_its_own_by_the_packages_alone(CancellationToken token)
    {
        await using var kubelet = new FakeKubelet(_sample.At("out/device-plugins"), KubeletVersion.V1_36, TimeProvider.System);
        await kubelet.StartAsync(token);
        using var program = await _sample.StartAsync(command => command, token);
        await program.WaitForAsync("the kubelet watches the devices", token);

        File.WriteAllText(_sample.At("out/gadgets/gadget-1"), "");
        var state = await kubelet.WaitForAsync(state => state.Resource(Resource).Capacity == 2, token);
        var pod = await kubelet.AdmitAsync(Resource, 1, token);
        var (exitCode, log) = await program.EndAsync("TERM", token);

        Assert.That(exitCode, Is.Zero, log);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(state.Resource(Resource).HealthyIds, Is.EqualTo(["gadget-0"]), "gadget-1 is broken");
            Assert.That(pod.Response.Envs["GADGETS"], Is.EqualTo("gadget-0"));
            Assert.That(pod.Response.Mounts, Is.EqualTo(
                [new BindMount(_sample.At("out/gadgets/gadget-0"), "/gadgets/gadget-0", IsReadOnly: true)]));
            Assert.That(_sample.At("samples/device-plugin/packages.lock.json"), Does.Not.Exist, "A setting of the repository reached it.");
        }
    }

    [Test]
    public void It_says_no_more_than_what_its_device_is() => Assert.That(
        File.ReadLines(Repository.At("samples/device-plugin/Program.cs")).SkipWhile(line => !line.Contains("class Gadgets"))
            .Count(line => line.Trim().Length > 1),
        Is.LessThanOrEqualTo(30), "lines");
}
