using NpuFeatureDiscovery.Labels.Nfd;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>
/// What NFD 0.8.2 and 0.17.4 were seen to do, beside a real API server; the versions between them by their sources. Behaviour of files as
/// such (names, links, folders) is in <see cref="FeatureFolderTests"/>.
/// </summary>
public sealed class MeasuredBehaviourTests
{
    private const string Good = "feature.node.kubernetes.io/good=1";

    [Versions("0.8", "0.19")]
    public void Measured_01_an_illegal_value_costs_its_own_line(string version) => Assert.That(
        Of($"{Good}\nfeature.node.kubernetes.io/a=bad value!\n{Good}2\n", version), Is.EqualTo($"Overridden, Dropped, Label {Good}2"));

    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a=", 63)]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/", 63)]
    public void Measured_02_and_03_a_name_and_a_value_hold_63_characters(string version, string start, int length)
    {
        Assert.That(Of(start + new string('a', length), version), Does.StartWith("Label"));
        Assert.That(Of(start + new string('a', length + 1), version), Is.EqualTo("Dropped"));
    }

    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a b=1")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a=b=c")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a=\"b\"")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a=값")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a=b\0")]
    [Versions("0.8", "0.19", "=1")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/=1")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a/b=1")]
    [Versions("0.8", "0.19", "feature.node.kubernetes.io/a=@local.feature.x")]
    public void Measured_03_and_06_an_illegal_line_is_dropped(string version, string line)
    {
        var file = NfdFeatureFile.Parse($"{line}\n{Good}\n", NfdVersion.Parse(version), Verdict.Now);

        Assert.That(Verdict.Of(file), Is.EqualTo($"Dropped, Label {Good}"));
        Assert.That(file.Lines[0].Reason, Does.Contain("allowed"));
        Assert.That(file.IsLossy, Is.True);
    }

    [Versions("0.8", "0.19")]
    public void Measured_04_and_05_an_empty_value_is_one_and_no_value_is_true(string version) => Assert.That(
        Of("feature.node.kubernetes.io/a=\nfeature.node.kubernetes.io/b\n", version),
        Is.EqualTo("Label feature.node.kubernetes.io/a=, Label feature.node.kubernetes.io/b=true"));

    [Versions("0.8", "0.19")]
    public void Measured_07_a_byte_order_mark_costs_the_first_line(string version)
    {
        var file = NfdFeatureFile.Parse($"\uFEFFfeature.node.kubernetes.io/a=1\n{Good}\n", NfdVersion.Parse(version), Verdict.Now);

        Assert.That(Verdict.Of(file), Is.EqualTo($"Dropped, Label {Good}"));
        Assert.That(file.Lines[0].Reason, Does.Contain("byte order mark"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_07_also_in_a_file(string version)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("f"), [0xEF, 0xBB, 0xBF, .. "feature.node.kubernetes.io/a=1\n"u8]);

        var file = NfdFeatureFile.Load(folder.At("f"), NfdVersion.Parse(version), Verdict.Now);

        Assert.That(Verdict.Of(file), Is.EqualTo("Dropped"));
    }

    [Versions("0.8", "0.13", "Dropped, Blank, Dropped", "CR LF")]
    [Versions("0.14", "0.19", $"Label {Good}, Blank, Label feature.node.kubernetes.io/b=2", null!)]
    public void Measured_08_CR_LF(string version, string expected, string? reason)
    {
        var file = NfdFeatureFile.Parse($"{Good}\r\n\r\nfeature.node.kubernetes.io/b=2\r\n", NfdVersion.Parse(version), Verdict.Now);

        Assert.That(Verdict.Of(file), Is.EqualTo(expected));
        Assert.That(file.Lines[0].Reason, reason is null ? Is.Null : Does.Contain(reason));
    }

    [Versions("0.8", "0.13", "Dropped")]
    [Versions("0.14", "0.19", $"Label {Good}")]
    public void Measured_09_blanks_at_the_ends_of_a_line(string version, string expected)
    {
        foreach (var line in (string[])[$" {Good}", $"{Good} ", $"\t{Good}", $"{Good}\t", $"\u00A0{Good}\u2003"])
            Assert.That(Of(line, version), Is.EqualTo(expected), line);
    }

    [Versions("0.8", "0.19")]
    public void Measured_09_blanks_around_the_equals_sign(string version)
    {
        foreach (var line in (string[])["feature.node.kubernetes.io/a =1", "feature.node.kubernetes.io/a= 1"])
            Assert.That(Of(line, version), Is.EqualTo("Dropped"), line);
    }

    [Versions("0.8", "0.19")]
    public void Measured_10_comments_and_directives_harm_no_other_line(string version) => Assert.That(
        Of($"# comment\n#\n# a=b/c\n# +expiry-time=2030-01-01T00:00:00Z\n{Good}\n", version),
        Is.EqualTo($"Comment, Comment, Comment, Directive, Label {Good}"));

    [Versions("0.8", "0.19")]
    public void Measured_11_no_final_line_feed_blank_lines_and_an_empty_file(string version)
    {
        Assert.That(Of(Good, version), Is.EqualTo($"Label {Good}"));
        Assert.That(Of($"\n\n{Good}\n\n", version), Is.EqualTo($"Blank, Blank, Label {Good}, Blank"));
        Assert.That(Of("", version), Is.Empty);
        Assert.That(Of("\n", version), Is.EqualTo("Blank"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_12_without_an_expiry_a_label_is_kept_for_ever(string version) => Assert.That(
        Verdict.Of(NfdFeatureFile.Parse(Good, NfdVersion.Parse(version), DateTimeOffset.MaxValue)), Is.EqualTo($"Label {Good}"));

    [Versions("0.8", "0.19", "2026-01-01T00:00:01Z", true)]
    [Versions("0.8", "0.19", "2026-01-01T00:00:00Z", true)]
    [Versions("0.8", "0.13", "2025-12-31T23:59:59Z", true)]
    [Versions("0.14", "0.19", "2025-12-31T23:59:59Z", false)]
    public void Measured_13_an_expiry_in_the_future_and_in_the_past(string version, string expiry, bool isKept) => Assert.That(
        Of($"# +expiry-time={expiry}\n{Good}\n", version), Is.EqualTo(isKept ? $"Directive, Label {Good}" : "Directive, Expired"));

    [Versions("0.8", "0.13", "Directive, Label feature.node.kubernetes.io/a=1, Directive")]
    [Versions("0.14", "0.19", "Directive, Expired, Directive")]
    public void Measured_14_past_and_then_future_further_down(string version, string expected) => Assert.That(
        Of($"# +expiry-time=2000-01-01T00:00:00Z\nfeature.node.kubernetes.io/a=1\n# +expiry-time=2030-01-01T00:00:00Z\n{Good}\n", version),
        Is.EqualTo($"{expected}, Label {Good}"));

    [Versions("0.8", "0.19")]
    public void Measured_15_an_expiry_counts_for_the_lines_below_it_only(string version) => Assert.That(
        Of($"{Good}\n# +expiry-time=2000-01-01T00:00:00Z\n", version), Is.EqualTo($"Label {Good}, Directive"));

    [Versions("0.8", "0.19", "tomorrow")]
    [Versions("0.8", "0.19", "2000-01-01T00:00:00")]
    [Versions("0.8", "0.19", "2000-01-01 00:00:00Z")]
    [Versions("0.8", "0.19", "2000-01-01t00:00:00z")]
    [Versions("0.8", "0.19", "")]
    public void Measured_16_an_expiry_that_is_no_time_of_RFC_3339_counts_for_nothing(string version, string expiry)
    {
        var file = NfdFeatureFile.Parse($"# +expiry-time={expiry}\n{Good}\n", NfdVersion.Parse(version), Verdict.Now);

        Assert.That(Verdict.Of(file), Is.EqualTo($"Directive, Label {Good}"));
        Assert.That(file.Lines[0].Reason, Is.Not.Null);
    }

    [Versions("0.14", "0.19")]
    public void Measured_16_what_counted_before_it_goes_on(string version) => Assert.That(
        Of($"# +expiry-time=2000-01-01T00:00:00Z\n# +expiry-time=tomorrow\n# +expiry-time\n{Good}\n", version),
        Is.EqualTo("Directive, Directive, Directive, Expired"));

    [Versions("0.14", "0.19", "2026-01-01T09:00:00.5+09:00", true)]
    [Versions("0.14", "0.19", "2026-01-01T08:59:59.999999999+09:00", false)]
    [Versions("0.14", "0.19", "2025-12-31T19:00:00-05:00", true)]
    [Versions("0.14", "0.19", " 2025-12-31T23:59:59Z ", false)]
    public void Measured_17_an_expiry_with_a_fraction_and_a_zone(string version, string expiry, bool isKept) => Assert.That(
        Of($"# +expiry-time={expiry}\n{Good}\n", version), Is.EqualTo(isKept ? $"Directive, Label {Good}" : "Directive, Expired"));

    [Versions("0.8", "0.19", "#+expiry-time=2000-01-01T00:00:00Z")]
    [Versions("0.8", "0.19", "#  +expiry-time=2000-01-01T00:00:00Z")]
    [Versions("0.8", "0.19", "## +expiry-time=2000-01-01T00:00:00Z")]
    public void Measured_18_what_does_not_begin_as_a_directive_is_a_comment(string version, string line) =>
        Assert.That(Of($"{line}\n{Good}\n", version), Is.EqualTo($"Comment, Label {Good}"));

    [Versions("0.8", "0.14", "Directive, Label feature.node.kubernetes.io/a=1, Directive, Label feature.node.kubernetes.io/b=1")]
    [Versions("0.15", "0.19", "Directive, Feature feature.node.kubernetes.io/a=1, Directive, Label feature.node.kubernetes.io/b=1")]
    public void Measured_19_no_label_and_no_feature_count_for_the_next_line(string version, string expected) => Assert.That(
        Of($"# +no-label\nfeature.node.kubernetes.io/a=1\n# +no-feature\nfeature.node.kubernetes.io/b=1\n{Good}\n", version),
        Is.EqualTo($"{expected}, Label {Good}"));

    [Versions("0.15", "0.19")]
    public void No_label_takes_away_an_earlier_label_of_the_file_and_passes_over_what_has_expired(string version)
    {
        Assert.That(
            Of($"{Good}\n# +no-label\nfeature.node.kubernetes.io/good\n", version),
            Is.EqualTo("Overridden, Directive, Feature feature.node.kubernetes.io/good=true"));
        Assert.That(
            Of($"# +expiry-time=2000-01-01T00:00:00Z\n# +no-label\na=1\n# +expiry-time=2030-01-01T00:00:00Z\nb=1\n{Good}\n", version),
            Is.EqualTo($"Directive, Directive, Expired, Directive, Feature b=1, Label {Good}"));
        Assert.That(Of($"# +no-label\n# +no-feature\n{Good}\n", version), Is.EqualTo("Directive, Directive, Dropped"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_24_the_later_of_two_lines_with_a_key_counts_legal_or_not(string version)
    {
        Assert.That(Of($"{Good}\n{Good}2\n", version), Is.EqualTo($"Overridden, Label {Good}2"));
        Assert.That(Of($"{Good}\n{Good}!\n", version), Is.EqualTo("Overridden, Dropped"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_26_two_hundred_labels_are_all_set(string version)
    {
        var text = string.Concat(Enumerable.Range(0, 200).Select(number => $"feature.node.kubernetes.io/label-{number}=1\n"));

        var file = NfdFeatureFile.Parse(text, NfdVersion.Parse(version), Verdict.Now);

        Assert.That(file.Labels.Count(), Is.EqualTo(200));
        Assert.That(file.IsLossy, Is.False);
    }

    [Versions("0.8", "0.9", "feature.node.kubernetes.io/furiosa-npu.count=2")]
    [Versions("0.10", "0.19", "feature.node.kubernetes.io/npu.count=2")]
    public void Measured_27_a_key_without_a_slash_in_the_file_furiosa(string version, string expected) =>
        Assert.That(Verdict.Of("npu.count=2\n", version, "furiosa"), Is.EqualTo($"Label {expected}"));

    [Versions("0.8", "0.9", "Label feature.node.kubernetes.io/npu.count=2")]
    [Versions("0.10", "0.19", "Dropped")]
    public void Measured_28_a_key_that_begins_with_a_slash(string version, string expected) =>
        Assert.That(Of("/npu.count=2\n", version), Is.EqualTo(expected));

    [Versions("0.8", "0.19", "kubernetes.io/x")]
    [Versions("0.8", "0.19", "foo.kubernetes.io/y")]
    public void Measured_29_namespaces_of_Kubernetes_are_refused_by_the_master(string version, string key) =>
        Assert.That(Of($"{key}=1\n", version), Is.EqualTo("Refused"));

    [Versions("0.8", "0.19")]
    public void Measured_30_the_namespace_of_NFD_is_allowed(string version) =>
        Assert.That(Of("feature.node.kubernetes.io/z=1\n", version), Is.EqualTo("Label feature.node.kubernetes.io/z=1"));

    [Versions("0.8", "0.12", "Refused")]
    [Versions("0.13", "0.19", "Label example.com/x=1")]
    public void Measured_31_a_namespace_that_is_not_in_extra_label_ns(string version, string expected) =>
        Assert.That(Of("example.com/x=1\n", version), Is.EqualTo(expected));

    [Versions("0.8", "0.19")]
    public void Measured_32_a_file_that_is_removed_takes_its_labels_along(string version)
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        File.WriteAllText(folder.At("f"), Good);
        Assert.That(NfdFeatureFolder.Load(folder.Path, NfdVersion.Parse(version), Verdict.Now).Labels.Count(), Is.EqualTo(1));

        File.Delete(folder.At("f"));

        Assert.That(NfdFeatureFolder.Load(folder.Path, NfdVersion.Parse(version), Verdict.Now).Labels, Is.Empty);
    }

    [Versions("0.8", "0.19")]
    public void Measured_34_a_file_that_is_read_while_it_is_rewritten_in_place_lacks_labels(string version)
    {
        const string text = "feature.node.kubernetes.io/a=1\nfeature.node.kubernetes.io/b=1\n";
        var whole = NfdFeatureFile.Parse(text, NfdVersion.Parse(version), Verdict.Now).Labels.Count();

        for (var written = 0; written < text.Length - 3; written++)
        {
            var labels = NfdFeatureFile.Parse(text[..written], NfdVersion.Parse(version), Verdict.Now).Labels;
            Assert.That(labels.Count(label => text.Split('\n').Contains(label.ToString())), Is.LessThan(whole));
        }
    }

    [Versions("0.14", "0.19")]
    public void Measured_35_a_file_expires_while_NFD_runs_and_comes_back_when_it_is_written_again(string version)
    {
        const string text = $"# +expiry-time=2026-01-01T00:00:08Z\n{Good}\n";

        Assert.That(Labels(text, 8), Is.EqualTo(1));
        Assert.That(Labels(text, 9), Is.Zero);
        Assert.That(Labels(text.Replace(":08Z", ":18Z", StringComparison.Ordinal), 9), Is.EqualTo(1));

        int Labels(string text, int seconds) =>
            NfdFeatureFile.Parse(text, NfdVersion.Parse(version), Verdict.Now.AddSeconds(seconds)).Labels.Count();
    }

    private static string Of(string text, string version) => Verdict.Of(text, version);
}
