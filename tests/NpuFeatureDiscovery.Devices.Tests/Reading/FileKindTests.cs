using NpuFeatureDiscovery.Devices.Reading;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

public sealed class FileKindTests
{
    [Test]
    public void A_character_device_is_told_from_a_regular_file_and_a_folder()
    {
        using var host = new HostTree();
        host.Write("/dev/npu0", "");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(FileKind.IsCharacterDevice("/dev/null"), Is.True);
            Assert.That(FileKind.IsCharacterDevice(host.At("/dev/npu0")), Is.False);
            Assert.That(FileKind.IsCharacterDeviceOrRegularFile("/dev/null"), Is.True);
            Assert.That(FileKind.IsCharacterDeviceOrRegularFile(host.At("/dev/npu0")), Is.True);
            Assert.That(FileKind.IsCharacterDeviceOrRegularFile(host.At("/dev")), Is.False);
            Assert.That(FileKind.IsCharacterDeviceOrRegularFile(host.At("/dev/npu1")), Is.False);
        }
    }
}
