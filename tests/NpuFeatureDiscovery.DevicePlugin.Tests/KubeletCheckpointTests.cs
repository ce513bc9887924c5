using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class KubeletCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("""{"Data":{"PodDeviceEntries":[{"ResourceName":"a/b","DeviceIDs":{"0":["A"],"1":["B_cores_1"]},"AllocResp":"x"}]}}""",
        TestName = "Since 1.20 ids are listed for each NUMA node")]
    [TestCase("""{"Data":{"PodDeviceEntries":[{"DeviceIDs":["A"]},{"DeviceIDs":["B_cores_1"]}]},"Checksum":7}""",
        TestName = "Before 1.20 ids are a list")]
    public void Ids(string checkpoint) =>
        Assert.That(Read(checkpoint), Is.EquivalentTo([new UnitId("A"), new UnitId("B", new CoreRange(1, 1))]));

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("""{"Data":{"PodDeviceEntries":null,"RegisteredDevices":{"a/b":["A"]}},"Checksum":1}""")]
    [TestCase("""{"Data":{"PodDeviceEntries":[7,{"DeviceIDs":7},{"DeviceIDs":[null,7,""]}]}}""")]
    public void What_is_not_understood_tells_nothing(string checkpoint) => Assert.That(Read(checkpoint), Is.Empty);

    [Test]
    public void It_tells_who_holds_what_and_what_is_registered()
    {
        File.WriteAllText(_folder.At("checkpoint"), """
            {"Data":{"PodDeviceEntries":[{"PodUID":"u","ContainerName":"main","ResourceName":"a/b","DeviceIDs":{"0":["A"],"1":["B"]}}],
            "RegisteredDevices":{"a/b":["A","B"],"c/d":null}},"Checksum":7}
            """);

        Assert.That(KubeletCheckpoint.Read(_folder.At("checkpoint")), Is.EqualTo(new KubeletCheckpoint(
            [new RegisteredResource("a/b", ["A", "B"]), new RegisteredResource("c/d", [])],
            [new HeldDevice("u", "main", "a/b", "A"), new HeldDevice("u", "main", "a/b", "B")])));
    }

    [Test]
    public void A_missing_file_tells_nothing() => Assert.That(KubeletCheckpoint.HeldUnits(_folder.At("none")), Is.Empty);

    private IReadOnlyCollection<UnitId> Read(string checkpoint)
    {
        File.WriteAllText(_folder.At("checkpoint"), checkpoint);
        return KubeletCheckpoint.HeldUnits(_folder.At("checkpoint"));
    }
}
