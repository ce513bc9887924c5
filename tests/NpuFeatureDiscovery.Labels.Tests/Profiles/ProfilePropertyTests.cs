namespace NpuFeatureDiscovery.Labels.Tests.Profiles;

/// <summary>What holds for every profile, whatever drivers and administrators write.</summary>
public sealed class ProfilePropertyTests
{
    private const int Rounds = 2_000;

    private static IEnumerable<string> Profiles => LabelProfiles.Names;

    [TestCaseSource(nameof(Profiles))]
    public void Every_label_is_legal_and_has_a_value(string profile)
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var labels = LabelEngine.Create(RandomNodes.Node(random), RandomNodes.Options(random, profile)).Labels;

            foreach (var label in labels)
            {
                Assert.That(label.Key, Does.Match(@"\A(alpha\.|beta\.|)furiosa\.ai/[A-Za-z0-9](?=.{0,62}\z)[-A-Za-z0-9_.]*(?<=[A-Za-z0-9])\z"));
                Assert.That(label.Value, Does.Match(@"\A[A-Za-z0-9](?=.{0,62}\z)[-A-Za-z0-9_.]*(?<=[A-Za-z0-9])\z"));
            }

            Assert.That(labels.Select(label => label.Key), Is.Ordered.Using<string>(StringComparer.Ordinal).And.Unique);
        }
    }

    [TestCaseSource(nameof(Profiles))]
    public void Equal_nodes_have_equal_labels_in_whatever_order_their_cards_stand(string profile)
    {
        var random = new Random(2);
        for (var round = 0; round < Rounds; round++)
        {
            var node = RandomNodes.Node(random);
            var options = RandomNodes.Options(random, profile);
            var shuffled = node.Devices.ToArray();
            random.Shuffle(shuffled);

            var labels = LabelEngine.Create(node, options);

            Assert.That(LabelEngine.Create(node with { }, options), Is.EqualTo(labels));
            Assert.That(LabelEngine.Create(node with { Devices = [.. shuffled] }, options).Labels, Is.EqualTo(labels.Labels));
        }
    }

    [Test]
    public void Profiles_together_give_the_labels_that_each_gives_alone()
    {
        var random = new Random(3);
        for (var round = 0; round < Rounds; round++)
        {
            var node = RandomNodes.Node(random);
            var options = RandomNodes.Options(random, [.. Profiles.Reverse()]);

            var together = LabelEngine.Create(node, options).Labels;
            var alone = Profiles.SelectMany(profile =>
            {
                options.Profiles = [profile];
                return LabelEngine.Create(node, options).Labels;
            });

            Assert.That(together, Is.EquivalentTo(alone));
        }
    }
}
