using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests.Profiles;

/// <summary>What holds for every profile, whatever drivers and administrators write.</summary>
public sealed class ProfilePropertyTests
{
    private const int Rounds = 2_000;
    private const string Alphabet = "abzAZ09-_. ,()/=+\t\n\0é삼\ud83d\ude00";

    private static IEnumerable<string> Profiles => LabelProfiles.Names;

    [TestCaseSource(nameof(Profiles))]
    public void Every_label_is_legal_and_has_a_value(string profile)
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var labels = LabelEngine.Create(Node(random), Options(random, profile)).Labels;

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
            var node = Node(random);
            var options = Options(random, profile);
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
            var node = Node(random);
            var options = Options(random, [.. Profiles.Reverse()]);

            var together = LabelEngine.Create(node, options).Labels;
            var alone = Profiles.SelectMany(profile =>
            {
                options.Profiles = [profile];
                return LabelEngine.Create(node, options).Labels;
            });

            Assert.That(together, Is.EquivalentTo(alone));
        }
    }

    private static NodeSnapshot Node(Random random) => Nodes.Of([.. Enumerable.Range(0, random.Next(4)).Select(index => Device(random, index))]);

    private static NpuDevice Device(Random random, int index) =>
        (random.Next(2) == 0 ? Nodes.Warboy(index) : Nodes.Rngd(index)) with
        {
            Platform = random.Next(4) == 0 ? NpuPlatform.Vitis : NpuPlatform.FuriosaAI,
            Product = random.Next(2) == 0 ? Text(random) : Pick(random, "warboy", "warboyB0", "u250", "rngd", "rngd-s"),
            DriverVersion = Version(random),
            FirmwareVersion = Version(random),
        };

    private static NpuVersion? Version(Random random) => random.Next(4) == 0
        ? null
        : new NpuVersion(random.Next(2), random.Next(), 0, Optional(random), Optional(random));

    private static LabelOptions Options(Random random, params string[] profiles) => new()
    {
        Profiles = profiles,
        HardwareType = Optional(random),
        ReadmeAliases = random.Next(2) == 0,
    };

    private static string? Optional(Random random) => random.Next(2) == 0 ? null : Text(random);

    private static string Pick(Random random, params string[] texts) => texts[random.Next(texts.Length)];

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(100)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
}
