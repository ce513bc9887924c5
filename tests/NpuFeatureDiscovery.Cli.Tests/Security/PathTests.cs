using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Security;

/// <summary>No name from outside leads out of the folder that it belongs to.</summary>
[CancelAfter(60_000)]
public sealed class PathTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly TemporaryFolder _folder = new();

    public PathTests() => Directory.CreateDirectory(_folder.At("a/registry"));

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task A_card_whose_product_would_lead_elsewhere_gets_no_socket(CancellationToken token)
    {
        _host.AddRngd(0).Set("device_type", "x/../../../escape\n");
        using var plugin = new Daemon(
            "device-plugin", "--root", _host.Path, "--registration", "watcher", "--registry-dir", _folder.At("a/registry"),
            "--resource-name", "example.com/{product}");

        var line = await plugin.WaitForAsync("are not offered", token);

        Assert.That(line, Does.Contain("'example.com/x/../../../escape'").And.Contain("it needs one '/'"));
        await plugin.EndAsync("TERM", token);
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories), Is.EqualTo([_folder.At("a"), _folder.At("a/registry")]));
    }

    [TestCase("device-plugin", "--socket-name", "../npu")]
    [TestCase("device-plugin", "--socket-name", "a/npu")]
    [TestCase("device-plugin", "--socket-name", "..")]
    [TestCase("device-plugin", "--resource-name", "example.com/../npu")]
    [TestCase("device-plugin", "--resource-name", "../npu")]
    [TestCase("label", "--file-name", "../features")]
    [TestCase("label", "--file-name", "..")]
    [TestCase("label", "--file-name", ".hidden")]
    [TestCase("metrics-exporter", "--node-name", "a/b")]
    [TestCase("doctor", "--node-name", "a%2fb")]
    [TestCase("agent", "--node-name", "..")]
    public async Task A_name_that_would_lead_elsewhere_is_wrong_usage(string command, string option, string name)
    {
        var result = await CommandLine.RunAsync(command, option, name, "--root", _host.Path);

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Usage), result.Error);
        Assert.That(result.Error, Does.Contain($"'{name}'"));
    }

    [TestCase("../../tmp/npu")]
    [TestCase("7c9e6679-7425-40de-944b-e07fc1f90ae7/../x")]
    public async Task A_UID_of_a_Pod_is_a_UID(string uid)
    {
        var result = await CommandLine.RunInAsync(
            new() { ["POD_UID"] = uid }, "device-plugin", "--root", _host.Path, "--socket-name", "npu-{pod}");

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Usage), result.Error);
        Assert.That(result.Error, Does.Contain($"'{uid}' is none"));
    }

    [Test]
    public async Task What_a_hwmon_folder_or_a_device_node_is_called_becomes_no_path()
    {
        var card = _host.AddWarboy(0);
        _host.Write($"{card.HwmonFolder}/temp1_label", "../../../../etc/passwd\n");
        _host.Write("/dev/npu0pe0 x", "");
        _host.Write("/dev/npu0..", "");

        var result = await CommandLine.RunAsync("devices", "--output", "json", "--root", _host.Path);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Not.Contain("root:").And.Not.Contain("npu0pe0 x").And.Not.Contain("npu0.."));
    }
}
