namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>What the plugin tells those who show how it stands.</summary>
[CancelAfter(60_000)]
public sealed class StatusTests : IAsyncDisposable
{
    private readonly PluginUnderTest _plugin = new();

    public ValueTask DisposeAsync() => _plugin.DisposeAsync();

    [Test]
    public async Task A_resource_that_is_registered_tells_how_and_with_which_devices(CancellationToken token)
    {
        _plugin.Host.AddWarboy(0);
        await using var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        await _plugin.Log.WaitForAsync(entry => entry.EventName == "Ready", token);

        var status = _plugin.Service<DevicePluginStatus>();

        var resource = status.Resources.Single();
        Assert.That((resource.Resource, resource.Mode, resource.Fault),
            Is.EqualTo((PluginUnderTest.Resource, RegistrationMode.Classic, (string?)null)));
        Assert.That(resource.SocketPath, Does.EndWith("/furiosa-npu").And.Exist);
        Assert.That(resource.Devices.Select(device => (device.Name, device.State)),
            Is.EqualTo([("npu0", PluginDeviceState.Healthy)]));
        Assert.That(status.Faults, Is.Empty);
    }

    [Test]
    public async Task One_that_is_not_tells_why(CancellationToken token)
    {
        await _plugin.StartAsync(token);
        await _plugin.Log.WaitForAsync(entry => entry.Message.Contains("the kubelet does not run"), token);

        var status = _plugin.Service<DevicePluginStatus>();

        Assert.That(status.Resources.Single().Fault, Is.EqualTo("the kubelet does not run: its socket is missing"));
        Assert.That(status.Faults, Is.EqualTo((string[])["beta.furiosa.ai/npu: the kubelet does not run: its socket is missing"]));
    }
}
