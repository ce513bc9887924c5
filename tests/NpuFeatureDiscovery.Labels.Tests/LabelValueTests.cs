namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabelValueTests
{
    private static readonly TestCaseData[] Texts =
    [
        new("warboyB0", "warboyB0"),
        new("Super Micro, Inc.", "Super-Micro-Inc"),
        new("AS -4124GS-TNR (rev 2)", "AS--4124GS-TNR-rev-2"),
        new("  To Be Filled By O.E.M.  ", "To-Be-Filled-By-O.E.M"),
        new("삼성 Node", "Node"),
        new("a😀b", "a-b"),
        new("...", ""),
        new("()", ""),
        new("", ""),
        new(new string('a', 63), new string('a', 63)),
        new(new string('a', 70), new string('a', 63)),
        new(new string('a', 60) + "  ---   b", new string('a', 60)),
        new("a\r\nb\0", "a-b"),
    ];

    [TestCaseSource(nameof(Texts))]
    public void Every_text_becomes_a_legal_value_in_one_way(string text, string expected) =>
        Assert.That(LabelValue.Sanitise(text), Is.EqualTo(expected));

    [Test]
    public void Whatever_the_text_its_value_is_legal_and_stays_as_it_is()
    {
        var random = new Random(1);
        const string alphabet = "abzAZ09-_. ,()/=\t\n\0é삼\ud83d\ude00";
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(100)).Select(_ => alphabet[random.Next(alphabet.Length)]));

            var value = LabelValue.Sanitise(text);

            Assert.That(Label.TryCreate("k", value, out _, out var error), Is.True, error);
            Assert.That(LabelValue.Sanitise(value), Is.EqualTo(value));
        }
    }
}
