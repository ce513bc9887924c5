using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>What a line makes of itself in each version: vectors taken from the sources of NFD 0.8 to 0.19.</summary>
public sealed class ConformanceVectorTests
{
    [Versions("0.8", "0.12", "Refused")]
    [Versions("0.13", "0.19", "Label furiosa.ai/a=1")]
    public void Row_01_a_label_of_a_vendor(string version, string expected) =>
        Assert.That(Verdict.Of("furiosa.ai/a=1\n", version), Is.EqualTo(expected));

    [Versions("0.8", "0.19")]
    public void Row_01_a_label_of_a_vendor_that_is_in_extra_label_ns(string version) => Assert.That(
        Verdict.Of("furiosa.ai/a=1\n", version, master: Allowed), Is.EqualTo("Label furiosa.ai/a=1"));

    [Versions("0.8", "0.19")]
    public void Row_02_a_key_alone_is_true(string version) => Assert.That(
        Verdict.Of("furiosa.ai/a\n", version, master: Allowed), Is.EqualTo("Label furiosa.ai/a=true"));

    [Versions("0.8", "0.19")]
    public void Row_03_an_empty_value_is_one(string version) => Assert.That(
        Verdict.Of("furiosa.ai/a=\n", version, master: Allowed), Is.EqualTo("Label furiosa.ai/a="));

    [Versions("0.8", "0.19")]
    public void Row_04_the_first_equals_sign_splits_so_that_a_second_one_makes_the_value_illegal(string version) => Assert.That(
        Verdict.Of("furiosa.ai/a=x=y\n", version, master: Allowed), Is.EqualTo("Dropped"));

    [Versions("0.8", "0.13", "Dropped")]
    [Versions("0.14", "0.19", "Label furiosa.ai/a=1")]
    public void Row_05_CR_LF(string version, string expected) => Assert.That(
        Verdict.Of("furiosa.ai/a=1\r\n", version, master: Allowed), Is.EqualTo(expected));

    [Versions("0.8", "0.19")]
    public void Row_06_blanks_around_the_equals_sign(string version) => Assert.That(
        Verdict.Of("furiosa.ai/a = 1\n", version, master: Allowed), Is.EqualTo("Dropped"));

    [Versions("0.8", "0.9", "Label feature.node.kubernetes.io/f-a=1")]
    [Versions("0.10", "0.19", "Label feature.node.kubernetes.io/a=1")]
    public void Row_07_a_key_without_a_namespace_in_the_file_f(string version, string expected) =>
        Assert.That(Verdict.Of("a=1\n", version), Is.EqualTo(expected));

    [Versions("0.10", "0.14", "Label feature.node.kubernetes.io/a=1")]
    [Versions("0.15", "0.19", "Refused")]
    public void Row_07_a_key_without_a_namespace_where_the_prefix_is_switched_off(string version, string expected) =>
        Assert.That(Verdict.Of("a=1\n", version, master: new NfdMasterOptions { AutoPrefix = false }), Is.EqualTo(expected));

    [Versions("0.8", "0.13", true)]
    [Versions("0.14", "0.19", false)]
    public void Row_08_a_comment_is_none_before_014_and_nothing_comes_of_it(string version, bool isTakenForALabel)
    {
        var file = NfdFeatureFile.Parse("# hello\n", NfdVersion.Parse(version), Verdict.Now);

        Assert.That(Verdict.Of(file), Is.EqualTo("Comment"));
        Assert.That(file.Lines[0].Reason, isTakenForALabel ? Does.Contain("taken for a label") : Is.Null);
        Assert.That(file.IsLossy, Is.False);
    }

    [Versions("0.8", "0.13", "Directive, Label furiosa.ai/k=1")]
    [Versions("0.14", "0.19", "Directive, Expired")]
    public void Row_09_a_label_below_an_expiry_that_is_past(string version, string expected) => Assert.That(
        Verdict.Of("# +expiry-time=2000-01-01T00:00:00Z\nfuriosa.ai/k=1\n", version, master: Allowed), Is.EqualTo(expected));

    [Versions("0.8", "0.19")]
    public void Row_10_a_label_above_an_expiry_that_is_past(string version) => Assert.That(
        Verdict.Of("furiosa.ai/k=1\n# +expiry-time=2000-01-01T00:00:00Z\n", version, master: Allowed),
        Is.EqualTo("Label furiosa.ai/k=1, Directive"));

    [Versions("0.8", "0.14", "Directive, Label furiosa.ai/k=1")]
    [Versions("0.15", "0.19", "Directive, Feature furiosa.ai/k=1")]
    public void Row_11_a_line_below_no_label(string version, string expected) => Assert.That(
        Verdict.Of("# +no-label\nfuriosa.ai/k=1\n", version, master: Allowed), Is.EqualTo(expected));

    [Versions("0.8", "0.19", 63, "Label")]
    [Versions("0.8", "0.19", 64, "Dropped")]
    public void Row_12_a_value_of_63_and_of_64_characters(string version, int length, string expected) => Assert.That(
        Verdict.Of($"furiosa.ai/a={new string('x', length)}\n", version, master: Allowed), Does.StartWith(expected));

    [Versions("0.8", "0.13", 65_537, NfdFileState.Read)]
    [Versions("0.14", "0.19", 65_537, NfdFileState.Refused)]
    [Versions("0.8", "0.19", 65_536, NfdFileState.Read)]
    public void Row_13_a_file_of_65536_bytes_and_of_one_more(string version, int size, NfdFileState expected)
    {
        var text = "furiosa.ai/a=1\n".PadRight(size, '\n');

        var file = NfdFeatureFile.Parse(text, NfdVersion.Parse(version), Verdict.Now, Allowed);

        Assert.That(file.State, Is.EqualTo(expected));
        Assert.That(file.IsLossy, Is.EqualTo(expected == NfdFileState.Refused));
        Assert.That(file.Labels.Count(), Is.EqualTo(expected == NfdFileState.Read ? 1 : 0));
    }

    private static NfdMasterOptions Allowed => new() { ExtraLabelNamespaces = ["furiosa.ai"] };
}
