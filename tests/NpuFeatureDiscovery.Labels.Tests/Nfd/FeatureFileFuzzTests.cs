using System.Text;
using NpuFeatureDiscovery.Labels.Nfd;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

public sealed class FeatureFileFuzzTests
{
    private static readonly FuzzTarget Target = new("feature-file")
    {
        Words =
        [
            "# +expiry-time=", "# +no-label\n", "# +no-feature\n", "# +x", "#+", "2026-01-01T00:00:00Z", "0000-00-00T99:99:99+99:99", "a=1\n",
            "vendor.com/a=1\n", "=\n", "kubernetes.io/", "feature.node.kubernetes.io/", ".12345678901234567890", "+24:60",
        ],
        // NFD reads up to 64 KiB from 0.14 on.
        MaxSize = 80 * 1024,
        BytesPerByte = 2_000,
    };

    [Test]
    public void Every_version_says_something_of_every_line_and_gives_legal_labels() => Fuzz.Check(Target, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (var version in NfdVersion.Known)
        {
            var file = NfdFeatureFile.Parse(text, version, Verdict.Now, EveryVersion.Master);
            if (file.State == NfdFileState.Refused)
                continue;

            Fuzz.Require(string.Join('\n', file.Lines.Select(line => line.Text)) == (text.EndsWith('\n') ? text[..^1] : text),
                $"NFD {version}: the lines are not the text.");
            Label[] labels = [.. file.Labels];
            Fuzz.Require(labels.Select(label => label.Key).Distinct().Count() == labels.Length, $"NFD {version}: a key is given twice.");
        }
    });

    [Test]
    public void What_our_own_reader_makes_of_a_file_is_the_same_after_writing_it() => Fuzz.Check(Target, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var read = FeatureFileText.Parse(text);
        Fuzz.Require(FeatureFileText.Parse(read.ToString()) == read, "It reads back otherwise.");
        Fuzz.Require(read.Expiry is null || text.StartsWith("# +expiry-time=", StringComparison.Ordinal), "A time comes from nowhere.");
        Fuzz.Require(!read.Lines().Any(line => line.Contains('\n', StringComparison.Ordinal)), "A line has two.");
    });

    [Test]
    public void A_lease_that_our_reader_takes_is_one_for_NFD() => Fuzz.Check(Target, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var file = NfdFeatureFile.Parse(text, NfdVersion.Newest, Verdict.Now);
        if (FeatureFileText.Parse(text) is not { Expiry: { } expiry } || file.State == NfdFileState.Refused)
            return;

        var line = file.Lines[0];
        Fuzz.Require(line is { Outcome: NfdOutcome.Directive, Reason: null }, $"NFD does not obey '{line.Text}' of {expiry:O}: {line.Reason}");
    });

    [Test]
    public void Any_text_becomes_a_legal_value_that_stays_as_it_is_or_nothing() => Fuzz.Check(Target, input =>
    {
        var value = LabelValue.Sanitise(Encoding.UTF8.GetString(input));
        Fuzz.Require(Label.TryCreate("a", value, out _, out var error), $"{error}");
        Fuzz.Require(LabelValue.Sanitise(value) == value, $"'{value}' is changed again.");
    });

    [Test]
    public void A_label_that_is_parsed_is_written_the_same() => Fuzz.Check(Target, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        if (Label.TryParse(text, out var label, out var error))
            Fuzz.Require(label.ToString() == text, $"'{label}'");
        else
            Fuzz.Require(error.Length > 0, "No reason is given.");

        Fuzz.Require(!NfdVersion.TryParse(text, out var version, out _) || NfdVersion.Known.Contains(version), $"{version}");
    });
}
