using NpuFeatureDiscovery.DevicePlugin.Units;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Units;

public sealed class UnitSourceTests
{
    private readonly UnitSource _source = new();

    [Test]
    [CancelAfter(30_000)]
    public async Task Units_are_in_order_of_family_index_and_core(CancellationToken token)
    {
        _source.Publish(Cards.Units(DefaultPe.Single, Cards.Rngd(0), Cards.Warboy(10), Cards.Warboy(2)));

        Assert.That((await FirstAsync(token)).Take(5).Select(device => device.Id), Is.EqualTo(
            ["WARBOY-2_cores_0", "WARBOY-2_cores_1", "WARBOY-10_cores_0", "WARBOY-10_cores_1", "RNGD-0_cores_0"]));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_unit_is_near_to_the_numa_node_of_its_card(CancellationToken token)
    {
        _source.Publish(Cards.Units(DefaultPe.Fusion, Cards.Warboy(0, numaNode: 1), Cards.Warboy(1, numaNode: null)));

        Assert.That((await FirstAsync(token)).Select(device => device.NumaNodes), Is.EqualTo((int[][])[[1], []]));
    }

    private async Task<IReadOnlyList<PluginDevice>> FirstAsync(CancellationToken token) =>
        await _source.WatchAsync(token).FirstAsync(token);
}
