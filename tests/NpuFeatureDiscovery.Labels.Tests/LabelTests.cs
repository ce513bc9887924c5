namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabelTests
{
    private static readonly string Name63 = new('a', 63);
    private static readonly string Prefix253 = string.Join('.', Enumerable.Repeat("abcdefg", 31)) + ".abcdef";

    private static string[] LegalKeys =>
        ["a", "A_b-c.9", Name63, "beta.furiosa.ai/npu.count", "a-b.c/x", "9/9", $"{Prefix253[..253]}/{Name63}"];

    private static string[] IllegalKeys =>
    [
        "", "-a", "a-", "_a", ".a", "a b", "a\n", "é", Name63 + "a", "/a", "a/", "a/b/c", "A.b/c", "a..b/c", "-a/b", "a-/b",
        "a_b/c", $"{Prefix253}a/b", "a.b\n/c",
    ];

    private static string[] LegalValues => ["", "a", "0", "A_b-c.9", Name63];

    private static string[] IllegalValues => ["-", "-a", "a-", ".a", "a b", "a=b", "a\n", "a/b", "é", Name63 + "a", "\uFEFFa"];

    [TestCaseSource(nameof(LegalKeys))]
    public void A_key_by_the_rules_makes_a_label(string key) =>
        Assert.That(Label.Create(key, "1").ToString(), Is.EqualTo($"{key}=1"));

    [TestCaseSource(nameof(IllegalKeys))]
    public void A_key_against_the_rules_is_refused_by_name(string key) =>
        Assert.That(() => Label.Create(key, "1"), Throws.TypeOf<FormatException>()
            .With.Message.StartWith($"Label key '{key}' has an invalid ").And.Message.Contain("allowed"));

    [TestCaseSource(nameof(LegalValues))]
    public void A_value_by_the_rules_makes_a_label(string value) =>
        Assert.That(Label.Create("k", value).Value, Is.EqualTo(value));

    [TestCaseSource(nameof(IllegalValues))]
    public void A_value_against_the_rules_is_refused_by_name(string value) =>
        Assert.That(() => Label.Create("k", value), Throws.TypeOf<FormatException>()
            .With.Message.StartWith($"Label value '{value}' is invalid").And.Message.Contain("allowed"));

    [TestCase("example.com/a=b", ExpectedResult = "example.com/a b")]
    [TestCase("example.com/a=", ExpectedResult = "example.com/a ")]
    [TestCase("a", ExpectedResult = null)]
    [TestCase("=b", ExpectedResult = null)]
    [TestCase("a=b=c", ExpectedResult = null)]
    public string? A_label_is_parsed_at_its_first_equals_sign(string text) =>
        Label.TryParse(text, out var label, out _) ? $"{label.Key} {label.Value}" : null;
}
