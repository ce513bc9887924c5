using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class DevicePluginOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void The_defaults_are_those_of_the_SDK()
    {
        var options = new DevicePluginOptions();

        Assert.That(
            (options.DefaultPe, options.DisabledDevices.Count, options.PluginDirectory, options.SocketName, options.ResourceName),
            Is.EqualTo((DefaultPe.Fusion, 0, "/var/lib/kubelet/device-plugins", "furiosa-npu", "beta.furiosa.ai/npu")));
        Assert.That(options.AllocationPolicy, Is.EqualTo(AllocationPolicy.Packed));
    }

    [TestCase("furiosa-npu")]
    [TestCase("furiosa.sock")]
    public void A_socket_is_named_like_a_file(string name) =>
        Assert.That(DevicePluginOptions.SocketError("/var/lib/kubelet/device-plugins", name), Is.Null);

    [TestCase("", "file name")]
    [TestCase("..", "file name")]
    [TestCase("a/b", "file name")]
    [TestCase("kubelet.sock", "the kubelet")]
    public void Another_name_is_refused_with_the_rule(string name, string rule) =>
        Assert.That(DevicePluginOptions.SocketError("/var/lib/kubelet/device-plugins", name), Does.Contain(rule));

    [Test]
    public void The_path_of_a_socket_has_at_most_107_bytes()
    {
        var folder = "/" + new string('f', 90);

        Assert.That(DevicePluginOptions.SocketError(folder, new string('s', 15)), Is.Null);
        Assert.That(DevicePluginOptions.SocketError(folder, new string('s', 16)), Does.Contain("108 bytes").And.Contain("107"));
    }

    [Test]
    public void A_plugin_folder_can_be_written_to()
    {
        Assert.That(DevicePluginOptions.PluginDirectoryError(_folder.Path), Is.Null);
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public void A_missing_plugin_folder_is_refused() =>
        Assert.That(DevicePluginOptions.PluginDirectoryError(_folder.At("/none")), Does.Contain("no such folder"));

    [Test]
    public void A_plugin_folder_that_cannot_be_written_to_is_refused() =>
        Assert.That(DevicePluginOptions.PluginDirectoryError("/proc/self"), Does.Contain("no socket can be made"));
}
