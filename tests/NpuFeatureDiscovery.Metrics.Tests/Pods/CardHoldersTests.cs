using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Metrics.Tests.Pods;

public sealed class CardHoldersTests
{
    private const string Nobody = "";

    [TestCase("A:train/main", "train/main", "train/main", TestName = "A_card_that_one_container_holds_and_its_cores_have_its_labels")]
    [TestCase("B:train/main", Nobody, Nobody, TestName = "What_is_held_of_another_card_is_not_told_here")]
    [TestCase("A_cores_0:train/main", Nobody, "train/main", TestName = "A_card_of_which_a_core_is_free_has_no_holder")]
    [TestCase("A_cores_0:train/main A_cores_1:train/main", "train/main", "train/main", TestName = "A_card_whose_cores_one_container_holds_has_its_labels")]
    [TestCase("A_cores_0:train/main A_cores_1:train/side", "train", "train/main", TestName = "Of_two_containers_of_a_Pod_the_card_names_the_Pod_alone")]
    [TestCase("A_cores_0:train/main A_cores_1:serve/main", Nobody, "train/main", TestName = "Of_two_Pods_the_card_names_none")]
    [TestCase("A:train/main A:serve/main", Nobody, Nobody, TestName = "What_two_Pods_hold_at_once_names_none")]
    [TestCase("A:train/init A:train/main", "train", "train", TestName = "What_two_containers_of_a_Pod_hold_at_once_names_the_Pod_alone")]
    [TestCase("A_cores_0-1:train/main", "train/main", "train/main", TestName = "A_range_of_all_cores_is_the_card")]
    public void Labels(string allocations, string card, string core0)
    {
        var holders = Of(Card([0, 1]), allocations);

        Assert.That((Print(holders.OfCard), Print(holders.OfCore(0))), Is.EqualTo((card, core0)));
    }

    [TestCase("A:train/main", "train/main")]
    [TestCase("A_cores_0:train/main", Nobody)]
    public void A_card_without_device_nodes_is_held_as_a_whole(string allocations, string card) =>
        Assert.That(Print(Of(Card([]), allocations).OfCard), Is.EqualTo(card));

    [Test]
    public void Where_the_kubelet_does_not_tell_there_are_no_labels() =>
        Assert.That((CardHolders.Untold.OfCard, CardHolders.Untold.OfCore(0)), Is.EqualTo(
            (Array.Empty<(string, string)>(), Array.Empty<(string, string)>())));

    private static CardHolders Of(NpuDevice card, string allocations) => CardHolders.Of([card], new DeviceIds(),
        [.. allocations.Split(' ').Select(text => text.Split(':', '/')).Select(words => new Allocation(
            HeldCards.IdOf(words[0]), "beta.furiosa.ai/npu", "default", words[1], words[2]))]).Single();

    private static string Print((string Name, string Value)[] labels) =>
        string.Join('/', labels.Where(label => label.Name is "pod" or "container").Select(label => label.Value));

    private static NpuDevice Card(EquatableArray<int> cores) => new()
    {
        Family = NpuFamily.Warboy,
        Platform = NpuPlatform.FuriosaAI,
        Product = "warboyB0",
        Index = 0,
        PciAddress = new PciAddress(0, 1, 0, 0),
        Uuid = "A",
        Cores = cores,
        Health = DeviceHealth.Healthy,
    };
}
