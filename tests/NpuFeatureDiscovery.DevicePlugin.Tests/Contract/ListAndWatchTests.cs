using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>What the kubelet is told of the devices, and when.</summary>
public sealed class ListAndWatchTests : IAsyncDisposable
{
    private const string Resource = PluginUnderTest.Resource;
    private const int Deadline = 60_000;

    private readonly PluginUnderTest _plugin = new();

    public ValueTask DisposeAsync() => _plugin.DisposeAsync();

    [Test]
    [CancelAfter(Deadline)]
    public async Task The_first_list_is_complete(CancellationToken token)
    {
        AddWarboys(4);
        await using var kubelet = await StartAsync(token);

        var state = await PluginUnderTest.OffersAsync(kubelet, 4, token);

        Assert.That(state.ListsOf(Resource).First().Devices, Has.Count.EqualTo(4));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_host_without_cards_is_a_healthy_empty_list(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token);

        var state = await kubelet.WaitForAsync(state => state.ListsOf(Resource).Any(), token);

        Assert.That(state.Resource(Resource), Is.EqualTo(state.Resource(Resource) with { IsStopped = false }));
        Assert.That(state.Resource(Resource).Capacity, Is.Zero);
        Assert.That((await _plugin.CheckAsync(token)).Entries, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Nothing_is_sent_while_nothing_changes(CancellationToken token)
    {
        AddWarboys(2);
        await using var kubelet = await StartAsync(token);
        var writes = (await PluginUnderTest.OffersAsync(kubelet, 2, token)).CheckpointWrites;

        await _plugin.ReadAgainAsync(4, token);

        Assert.That(kubelet.State.CheckpointWrites, Is.EqualTo(writes));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_dies_is_listed_as_unhealthy_until_it_lives(CancellationToken token)
    {
        var card = AddWarboys(2)[1];
        await using var kubelet = await StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);

        card.Set("alive", "0\n");
        var dead = await PluginUnderTest.OffersAsync(kubelet, 1, token);
        card.Set("alive", "1\n");
        await PluginUnderTest.OffersAsync(kubelet, 2, token);

        Assert.That(dead.Resource(Resource).Capacity, Is.EqualTo(2));
        Assert.That(kubelet.State.ListsOf(Resource).Count(), Is.EqualTo(3), "one list a change");
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_is_pulled_stays_listed_as_unhealthy(CancellationToken token)
    {
        var card = AddWarboys(2)[0];
        await using var kubelet = await StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);

        card.Remove();

        Assert.That((await PluginUnderTest.OffersAsync(kubelet, 1, token)).Resource(Resource).Capacity, Is.EqualTo(2));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_is_plugged_in_is_offered(CancellationToken token)
    {
        AddWarboys(1);
        await using var kubelet = await StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        _plugin.Host.AddWarboy(5);

        await PluginUnderTest.OffersAsync(kubelet, 2, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_hangs_in_the_kernel_is_unhealthy_and_the_others_are_not(CancellationToken token)
    {
        var card = AddWarboys(2)[1];
        await using var kubelet = await StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);

        card.Hang("alive");
        var hanging = await PluginUnderTest.OffersAsync(kubelet, 1, token);
        card.EndHang("alive", "1\n");

        Assert.That(hanging.Resource(Resource).HealthyIds.Single(), Does.EndWith("00"));
        await PluginUnderTest.OffersAsync(kubelet, 2, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_disabled_card_is_not_allocatable_until_it_is_enabled(CancellationToken token)
    {
        AddWarboys(2);
        await using var kubelet = await StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);

        SetOptions(options => options.DisabledDevices = ["npu1"]);
        Assert.That((await PluginUnderTest.OffersAsync(kubelet, 1, token)).Resource(Resource).Capacity, Is.EqualTo(2));

        SetOptions(options => options.DisabledDevices = []);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Cores_take_the_place_of_cards_when_the_default_pe_changes(CancellationToken token)
    {
        AddWarboys(1);
        await using var kubelet = await StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);

        SetOptions(options => options.DefaultPe = DefaultPe.Single);
        var state = await PluginUnderTest.OffersAsync(kubelet, 2, token);

        Assert.That(state.Resource(Resource).HealthyIds, Has.One.EndsWith("_cores_0").And.One.EndsWith("_cores_1"));
        Assert.That(state.ListsOf(Resource).Select(list => list.Devices.Count), Has.None.Zero);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Another_default_pe_is_warned_of_while_a_Pod_holds_a_card(CancellationToken token)
    {
        AddWarboys(1);
        await using var kubelet = await StartAsync(token);
        var id = (await PluginUnderTest.OffersAsync(kubelet, 1, token)).Resource(Resource).HealthyIds[0];
        await File.WriteAllTextAsync(
            Path.Combine(_plugin.Options.CurrentValue.PluginDirectory, "kubelet_internal_checkpoint"),
            $$$"""{"Data":{"PodDeviceEntries":[{"ResourceName":"{{{Resource}}}","DeviceIDs":{"0":["{{{id}}}"]}}]},"Checksum":1}""", token);

        SetOptions(options => options.DefaultPe = DefaultPe.Single);

        await _plugin.Log.WaitForAsync(entry => entry.EventName == "Held" && entry.Message.Contains($"'{id}'"), token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task All_streams_are_told_the_same(CancellationToken token)
    {
        var card = AddWarboys(1)[0];
        await using var kubelet = _plugin.NewKubelet();
        kubelet.Faults.StreamsPerRegistration = 3;
        await kubelet.StartAsync(token);
        await _plugin.StartAsync(token);
        await kubelet.WaitForAsync(state => state.ListsOf(Resource).Count() == 3, token);

        card.Set("alive", "0\n");
        var state = await kubelet.WaitForAsync(state => state.ListsOf(Resource).Count() == 6, token);

        Assert.That(
            state.ListsOf(Resource).Select(list => list.Devices.Single().Health),
            Is.EqualTo(["Healthy", "Healthy", "Healthy", "Unhealthy", "Unhealthy", "Unhealthy"]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_list_tells_numa_nodes_unless_one_is_unknown(CancellationToken token)
    {
        AddWarboys(2);
        await using var kubelet = await StartAsync(token);
        var known = await PluginUnderTest.OffersAsync(kubelet, 2, token);
        _plugin.Host.AddU250(7);
        var mixed = await PluginUnderTest.OffersAsync(kubelet, 3, token);

        Assert.That(known.Resource(Resource).Devices.Select(device => device.NumaNodes!.Single()), Is.EqualTo([0, 1]));
        Assert.That(mixed.Resource(Resource).Devices.Select(device => device.NumaNodes), Is.All.Null);
    }

    private List<CardTree> AddWarboys(int count) => [.. Enumerable.Range(0, count).Select(index => _plugin.Host.AddWarboy(index))];

    private async Task<FakeKubelet> StartAsync(CancellationToken token)
    {
        var kubelet = await _plugin.StartKubeletAsync(token);
        await _plugin.StartAsync(token);
        return kubelet;
    }

    private void SetOptions(Action<DevicePluginOptions> change)
    {
        var options = new DevicePluginOptions { PluginDirectory = _plugin.Options.CurrentValue.PluginDirectory };
        change(options);
        _plugin.Options.Set(options);
    }
}
