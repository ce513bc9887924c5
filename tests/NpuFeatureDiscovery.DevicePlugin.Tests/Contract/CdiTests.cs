using Microsoft.Extensions.Diagnostics.HealthChecks;
using NpuFeatureDiscovery.DevicePlugin.Tests.Cdi;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>What the kubelet hands on to a runtime with CDI, and what that runtime finds.</summary>
public sealed class CdiTests : IAsyncDisposable
{
    private const string Resource = PluginUnderTest.Resource;
    private const string NameOfFile = "npu-feature-discovery.json";
    private const int Deadline = 60_000;

    private readonly PluginUnderTest _plugin = new();
    private readonly TemporaryFolder _folder = new();
    private readonly List<CardTree> _cards = [];

    private string Target => _folder.At(NameOfFile);

    public async ValueTask DisposeAsync()
    {
        await _plugin.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Off_no_name_is_given_and_no_file_is_written(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Off, 1, token);

        var response = (await kubelet.AdmitAsync(Resource, 1, token)).Response;

        Assert.That(response.Annotations.Keys, Has.None.StartsWith("cdi.k8s.io/"));
        Assert.That(response.CdiDevices, Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task By_annotations_a_container_asks_for_its_cards_and_gets_their_nodes_too(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Annotations, 2, token);

        var response = (await kubelet.AdmitAsync(Resource, 2, token)).Response;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.Annotations["cdi.k8s.io/furiosa.ai.npu_npu0"], Is.EqualTo("furiosa.ai/npu=npu0,furiosa.ai/npu=npu1"));
            Assert.That(response.Annotations["alpha.furiosa.ai/npu.devname"], Is.EqualTo("npu0pe0-1,npu1pe0-1"));
            Assert.That(response.CdiDevices, Is.Empty);
            AssertHasNodes(response, ["npu0", "npu1"]);
        }
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task By_the_field_a_container_asks_for_its_cards_and_gets_their_nodes_too(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Field, 2, token, KubeletVersion.V1_36);

        var response = (await kubelet.AdmitAsync(Resource, 2, token)).Response;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.CdiDevices, Is.EqualTo(["furiosa.ai/npu=npu0", "furiosa.ai/npu=npu1"]));
            Assert.That(response.Annotations.Keys, Has.None.StartsWith("cdi.k8s.io/"));
            AssertHasNodes(response, ["npu0", "npu1"]);
        }
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_core_has_a_name_of_its_own(CancellationToken token)
    {
        _plugin.Options.CurrentValue.DefaultPe = DefaultPe.Single;
        await using var kubelet = await StartAsync(CdiMode.Field, 1, token, units: 2);

        var response = (await kubelet.AdmitAsync(Resource, 1, token)).Response;

        Assert.That(response.CdiDevices, Is.EqualTo(["furiosa.ai/npu=npu0pe0"]));
        AssertHasNodes(response, ["npu0pe0"]);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_file_has_a_card_before_the_kubelet_knows_of_it(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Annotations, 1, token);

        _plugin.Host.AddWarboy(1);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);

        Assert.That(Names(), Does.Contain("npu1").And.Contain("npu1pe0"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_disabled_card_keeps_its_name_for_Pods_that_run(CancellationToken token)
    {
        _plugin.Options.CurrentValue.DisabledDevices = ["npu1"];
        await using var kubelet = await StartAsync(CdiMode.Annotations, 2, token, units: 1);

        var document = CdiDocument.Read(Target);

        Assert.That(document.Devices.Select(device => device.Name), Does.Contain("npu1"));
        Assert.That(document.PathsOf("all"), Is.EqualTo(document.PathsOf("npu0")));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_name_that_is_not_on_disk_is_not_given(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Annotations, 1, token);
        var id = kubelet.State.Resource(Resource).HealthyIds[0];
        // So that it cannot be put back.
        Directory.Delete(_folder.Path, recursive: true);

        var without = await kubelet.AllocateAsync(Resource, [id], token);
        await _plugin.ReadAgainAsync(2, token);
        var fault = await ReasonAsync(token);
        Directory.CreateDirectory(_folder.Path);
        await _plugin.ReadAgainAsync(2, token);
        var with = await kubelet.AllocateAsync(Resource, [id], token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(without.Annotations.Keys, Has.None.StartsWith("cdi.k8s.io/"));
            Assert.That(without.Devices, Is.Not.Empty.And.EqualTo(with.Devices));
            Assert.That(fault, Does.Contain("CDI").And.Contain($"'{_folder.Path}' does not exist"));
            Assert.That(with.Annotations.Keys, Has.Some.StartsWith("cdi.k8s.io/"));
            Assert.That(await ReasonAsync(token), Is.Null);
            Assert.That(Logged("CdiNotNamed"), Is.EqualTo(1));
            Assert.That(Logged("CdiFault"), Is.EqualTo(1));
            Assert.That(Logged("CdiRecovered"), Is.EqualTo(1));
        }
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_file_of_somebody_else_is_told_and_left_alone(CancellationToken token)
    {
        File.WriteAllText(Target, "mine");

        await using var kubelet = await StartAsync(CdiMode.Field, 1, token);
        var response = (await kubelet.AdmitAsync(Resource, 1, token)).Response;
        var reason = await ReasonAsync(token);
        await _plugin.StopAsync(token);

        Assert.That(reason, Does.Contain("somebody else"));
        Assert.That((response.CdiDevices.Count, response.Devices.Count), Is.EqualTo((0, _cards[0].Nodes.Count)));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("mine"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_file_is_not_written_again_while_nothing_changes(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Annotations, 1, token);
        File.SetLastWriteTimeUtc(Target, DateTime.UnixEpoch);

        await _plugin.ReadAgainAsync(3, token);

        Assert.That(File.GetLastWriteTimeUtc(Target), Is.EqualTo(DateTime.UnixEpoch));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_file_is_there_while_the_plugin_runs(CancellationToken token)
    {
        await using var kubelet = await StartAsync(CdiMode.Annotations, 1, token);
        var first = File.ReadAllBytes(Target);

        await _plugin.StopAsync(token);
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(File.ReadAllBytes(Target), Is.EqualTo(first));
    }

    private void AssertHasNodes(ContainerResponse response, string[] names)
    {
        var document = CdiDocument.Read(Target);

        Assert.That(
            names.SelectMany(document.PathsOf), Is.Not.Empty.And.EquivalentTo(response.Devices.Select(device => device.ContainerPath)));
        Assert.That(
            document.Devices.SelectMany(device => device.Nodes).Select(node => node.Permissions).Distinct(),
            Is.EqualTo(response.Devices.Select(device => device.Permissions).Distinct()));
    }

    private IEnumerable<string> Names() => CdiDocument.Read(Target).Devices.Select(device => device.Name);

    private int Logged(string eventName) => _plugin.Log.Entries.Count(entry => entry.EventName == eventName);

    /// <summary>Why the plugin is not ready; null where it is.</summary>
    private async Task<string?> ReasonAsync(CancellationToken token)
    {
        var report = await _plugin.CheckAsync(token);
        return report.Status == HealthStatus.Healthy ? null : report.Entries["device-plugin"].Description;
    }

    private async Task<FakeKubelet> StartAsync(
        CdiMode mode, int cards, CancellationToken token, KubeletVersion? version = null, int? units = null)
    {
        (_plugin.Options.CurrentValue.Cdi, _plugin.Options.CurrentValue.CdiDirectory) = (mode, _folder.Path);
        _cards.AddRange(Enumerable.Range(0, cards).Select(index => _plugin.Host.AddWarboy(index)));
        var kubelet = await _plugin.StartKubeletAsync(token, version);
        await _plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, units ?? cards, token);
        return kubelet;
    }
}
