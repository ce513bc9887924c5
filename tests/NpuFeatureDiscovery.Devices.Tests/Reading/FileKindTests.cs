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

    [Test]
    public void Only_what_is_certainly_not_there_is_missing()
    {
        using var host = new HostTree();
        host.Write("/file", "");
        File.CreateSymbolicLink(host.At("/dangling"), "nowhere");
        File.CreateSymbolicLink(host.At("/loop"), "loop");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(FileKind.IsMissing(host.At("/nowhere")), Is.True);
            Assert.That(FileKind.IsMissing(host.At("/nowhere/at/all")), Is.True);
            Assert.That(FileKind.IsMissing(host.At("/file/below")), Is.True);
            Assert.That(FileKind.IsMissing(host.At("/dangling")), Is.True);
            Assert.That(FileKind.IsMissing(host.At("/file")), Is.False);
            Assert.That(FileKind.IsMissing(host.At("/dev")), Is.False);
            Assert.That(FileKind.IsMissing(host.At("/loop")), Is.False, "It cannot be looked at, which is no absence.");
        }
    }
}
