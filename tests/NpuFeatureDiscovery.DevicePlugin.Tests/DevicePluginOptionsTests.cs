using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class DevicePluginOptionsTests : IDisposable
{
    private const string Uid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    private const string Other = "7c9e6679-7425-40de-944b-e07fc1f90ae8";

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

    [Test]
    public void CDI_is_off_by_default_and_its_folder_that_of_files_that_programs_make()
    {
        var options = new DevicePluginOptions();

        Assert.That((options.Cdi, options.CdiDirectory), Is.EqualTo((CdiMode.Off, "/var/run/cdi")));
    }

    [TestCase("/etc/cdi", ExpectedResult = true)]
    [TestCase("cdi", ExpectedResult = false)]
    [TestCase("", ExpectedResult = false)]
    public bool The_folder_for_CDI_is_an_absolute_path(string path) => DevicePluginOptions.CdiDirectoryError(path) is null;

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
    public void A_socket_may_be_named_by_the_UID_of_its_Pod()
    {
        const string folder = "/var/lib/kubelet/device-plugins";

        Assert.That(DevicePluginOptions.SocketError(folder, "npu-{pod}", Uid), Is.Null);
        Assert.That(DevicePluginOptions.SocketError(folder, "npu-{pod}", Uid.Replace("-", "")), Is.Null, "of a static Pod");
        Assert.That(DevicePluginOptions.SocketError(folder, "npu-{pod}"), Does.Contain("not known").And.Contain("POD_UID"));
        Assert.That(DevicePluginOptions.SocketError(folder, "npu-{pod}", "pod-1"), Does.Contain("'pod-1' is none"));
        Assert.That(DevicePluginOptions.SocketError(folder, "{pod}{pod}", Uid), Does.Contain("once"));
        Assert.That(DevicePluginOptions.SocketError("/" + new string('f', 70), "{pod}", Uid), Does.Contain("108 bytes"));
    }

    [Test]
    public void A_socket_is_checked_in_the_folders_that_it_may_be_in()
    {
        var options = new DevicePluginOptions { SocketName = ".npu", RegistryDirectory = "/" + new string('f', 120) };
        Assert.That(options.SocketError(), Is.Null, "classic");

        options.Registration = RegistrationMode.Auto;
        Assert.That(options.SocketError(), Does.Contain("begin with '.'"));

        options.SocketName = "npu";
        Assert.That(options.SocketError(), Does.Contain("125 bytes"));
    }

    [TestCase("npu-{pod}", "npu-" + Other, "", ExpectedResult = true)]
    [TestCase("npu-{pod}", "npu-7c9e6679742540de944be07fc1f90ae8", "", ExpectedResult = true)]
    [TestCase("{pod}.sock", Other + ".sock-rngd", "-rngd", ExpectedResult = true)]
    [TestCase("npu-{pod}", "npu-" + Uid, "", ExpectedResult = false)]
    [TestCase("npu-{pod}", "npu-" + Other + "-rngd", "", ExpectedResult = false)]
    [TestCase("npu-{pod}", "gpu-" + Other, "", ExpectedResult = false)]
    [TestCase("npu-{pod}", "npu-plugin", "", ExpectedResult = false)]
    [TestCase("npu-{pod}", "npu-", "", ExpectedResult = false)]
    [TestCase("npu", Other, "", ExpectedResult = false)]
    public bool The_sockets_of_other_Pods_are_known_by_their_names(string template, string name, string suffix) =>
        new SocketNameTemplate(template, Uid).IsOfOther(name, suffix);

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
