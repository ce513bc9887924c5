namespace NpuFeatureDiscovery.Cli.Tests.Security;

public sealed class PrintableTextTests
{
    [TestCase("plain, with ° and 한글 and 🧊", "plain, with ° and 한글 and 🧊")]
    [TestCase("", "")]
    [TestCase("two\nlines and a\ttab", "two lines and a tab")]
    [TestCase("back\rto the begin", "back?to the begin")]
    [TestCase("\e[2J\u009b31m\u007f\0\a", "?[2J?31m???")]
    [TestCase("next\u0085line\u2028and\u2029paragraph", "next?line?and?paragraph")]
    [TestCase("moc.\u202eexe\u202c \u2066a\u2069 \u200f \u061c", "moc.?exe? ?a? ? ?")]
    public void What_would_leave_its_line_is_replaced_letter_by_letter(string text, string shown) =>
        Assert.That(PrintableText.Of(text), Is.EqualTo(shown));
}
