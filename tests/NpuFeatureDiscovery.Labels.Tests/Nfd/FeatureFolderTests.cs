using NpuFeatureDiscovery.Labels.Nfd;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>Which entries of its folder each version reads, and which of two files counts.</summary>
public sealed class FeatureFolderTests : IDisposable
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_101_101;

    private readonly TemporaryFolder _features = new();

    public FeatureFolderTests() => File.SetUnixFileMode(_features.Path, Everyone);

    public void Dispose() => _features.Dispose();

    [Versions("0.8", "0.14", ".x: Label feature.node.kubernetes.io/x=1")]
    [Versions("0.15", "0.19", ".x: Skipped")]
    public void Row_14_a_file_whose_name_begins_with_a_dot(string version, string expected)
    {
        Write(".x", "feature.node.kubernetes.io/x=1\n");

        Assert.That(Verdict.OfFolder(_features.Path, version), Is.EqualTo(expected));
    }

    [Versions("0.8", "0.19")]
    public void Row_15_a_folder_with_files_in_it(string version)
    {
        Directory.CreateDirectory(_features.At(".x.d"));
        Directory.CreateDirectory(_features.At("tmp"));
        Write(".x.d/a", "feature.node.kubernetes.io/x=1\n");
        Write("tmp/a", "feature.node.kubernetes.io/x=1\n");

        Assert.That(Verdict.OfFolder(_features.Path, version), Is.EqualTo(".x.d: Skipped; tmp: Skipped"));
        Assert.That(Load(version).IsLossy, Is.False);
    }

    [Versions("0.8", "0.19")]
    public void Row_16_a_file_that_only_its_owner_may_read_loses_its_labels_and_no_others(string version)
    {
        Write("a", "feature.node.kubernetes.io/a=1\n");
        Write("b", "feature.node.kubernetes.io/b=1\n");
        File.SetUnixFileMode(_features.At("a"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var folder = Load(version);

        Assert.That(folder.Files.Select(Verdict.Of), Is.EqualTo(["Refused", "Label feature.node.kubernetes.io/b=1"]));
        Assert.That(folder.Files[0].Reason, Does.Contain("65534").And.Contain("0644"));
        Assert.That(folder.IsLossy, Is.True);
    }

    [Versions("0.8", "0.19")]
    public void A_folder_that_only_its_owner_may_read_loses_all(string version)
    {
        Write("a", "feature.node.kubernetes.io/a=1\n");
        File.SetUnixFileMode(_features.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.That(Load(version).Files.Single().Reason, Does.Contain("0755"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_a_file_with_any_other_name_is_read(string version)
    {
        Write("x.tmp", "feature.node.kubernetes.io/x=1\n");
        Write("x~", "feature.node.kubernetes.io/y=1\n");

        Assert.That(Verdict.OfFolder(_features.Path, version), Is.EqualTo(
            "x.tmp: Label feature.node.kubernetes.io/x=1; x~: Label feature.node.kubernetes.io/y=1"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_a_link_is_followed_and_one_that_leads_nowhere_harms_no_other_file(string version)
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere.At("target"), "feature.node.kubernetes.io/x=1\n");
        File.CreateSymbolicLink(_features.At("a"), _features.At("nowhere"));
        File.CreateSymbolicLink(_features.At("b"), elsewhere.At("target"));
        File.CreateSymbolicLink(_features.At("c"), elsewhere.Path);

        Assert.That(
            Verdict.OfFolder(_features.Path, version), Is.EqualTo("a: Refused; b: Label feature.node.kubernetes.io/x=1; c: Skipped"));
    }

    [Versions("0.8", "0.19")]
    public void Measured_the_later_file_by_name_wins_the_same_key(string version)
    {
        Write("b", "feature.node.kubernetes.io/x=2\n");
        Write("a", "feature.node.kubernetes.io/x=1\nfeature.node.kubernetes.io/y=1\n");
        Write("B", "feature.node.kubernetes.io/x=0\nfeature.node.kubernetes.io/y=1\n");

        var folder = Load(version);

        Assert.That(string.Join("; ", folder.Files.Select(Verdict.Of)), Is.EqualTo(
            "Overridden, Overridden; Overridden, Label feature.node.kubernetes.io/y=1; Label feature.node.kubernetes.io/x=2"));
        Assert.That(folder.Files[0].Lines.Select(line => line.IsLost), Is.EqualTo([true, false]));
        Assert.That(folder.Files[0].Lines[0].Reason, Is.EqualTo("File 'b' has the same key, and counts."));
        Assert.That(folder.Labels.Select(label => label.Value), Is.EquivalentTo(["1", "2"]));
    }

    [Versions("0.8", "0.19")]
    public void An_illegal_value_of_a_later_file_takes_the_good_one_away(string version)
    {
        Write("a", "feature.node.kubernetes.io/x=1\n");
        Write("b", "feature.node.kubernetes.io/x=bad value\n");

        Assert.That(Verdict.OfFolder(_features.Path, version), Is.EqualTo("a: Overridden; b: Dropped"));
    }

    [Versions("0.8", "0.13", NfdFileState.Read)]
    [Versions("0.14", "0.14", NfdFileState.Read)]
    [Versions("0.15", "0.19", NfdFileState.Refused)]
    public void Of_a_link_to_a_large_file_014_measures_the_link(string version, NfdFileState expected)
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere.At("large"), new string('\n', 65_537));
        File.CreateSymbolicLink(_features.At("a"), elsewhere.At("large"));

        Assert.That(Load(version).Files.Single().State, Is.EqualTo(expected));
    }

    [Versions("0.8", "0.19")]
    public void A_file_that_may_be_executed_is_read_and_not_run(string version)
    {
        Write("a", "#!/bin/sh\nfeature.node.kubernetes.io/x=1\n");
        File.SetUnixFileMode(_features.At("a"), Everyone);

        Assert.That(Verdict.OfFolder(_features.Path, version), Is.EqualTo("a: Comment, Label feature.node.kubernetes.io/x=1"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_pipe_is_skipped_and_not_waited_for(CancellationToken token)
    {
        Assert.That(await TheProgram.ShellAsync($"mkfifo {_features.At("pipe")}", token), Has.Property("ExitCode").Zero);

        Assert.That(Verdict.OfFolder(_features.Path, "0.19"), Is.EqualTo("pipe: Skipped"));
        Assert.That(
            () => NfdFeatureFile.Load(_features.At("pipe"), NfdVersion.Newest, Verdict.Now),
            Throws.TypeOf<IOException>().With.Message.Contain("no regular file"));
    }

    [Test]
    public void A_file_that_is_asked_for_by_name_counts_as_one_of_the_folder()
    {
        Write(".x", "feature.node.kubernetes.io/x=1\n");
        Write("y", "y=1\n");

        Assert.That(Verdict.Of(LoadFile(".x", "0.14")), Is.EqualTo("Label feature.node.kubernetes.io/x=1"));
        Assert.That(LoadFile(".x", "0.15"), Has.Property("State").EqualTo(NfdFileState.Refused).And.Property("IsLossy").True);
        Assert.That(Verdict.Of(LoadFile("y", "0.9")), Is.EqualTo("Label feature.node.kubernetes.io/y-y=1"));
        Assert.That(() => LoadFile("nowhere", "0.19"), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void A_folder_that_is_not_there_is_an_error() => Assert.That(
        () => NfdFeatureFolder.Load(_features.At("nowhere"), NfdVersion.Newest, Verdict.Now), Throws.InstanceOf<IOException>());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_file_of_nfd_workers_own_user_needs_no_right_for_others(CancellationToken token)
    {
        Write("a", "feature.node.kubernetes.io/a=1\n");
        var script = $"chown {{0}} {_features.At("a")}; chmod 0440 {_features.At("a")}";
        if ((await TheProgram.ShellAsync(string.Format(null, script, "65534:0"), token)).ExitCode != 0)
            Assert.Ignore("Needs root, to give a file to another user.");

        Assert.That(Verdict.OfFolder(_features.Path, "0.19"), Does.StartWith("a: Label"));
        await TheProgram.ShellAsync(string.Format(null, script, "0:65534"), token);
        Assert.That(Verdict.OfFolder(_features.Path, "0.19"), Does.StartWith("a: Label"));
        await TheProgram.ShellAsync(string.Format(null, script, "0:0"), token);
        Assert.That(Verdict.OfFolder(_features.Path, "0.19"), Is.EqualTo("a: Refused"));
    }

    private NfdFeatureFolder Load(string version) => NfdFeatureFolder.Load(_features.Path, NfdVersion.Parse(version), Verdict.Now);

    private NfdFeatureFile LoadFile(string name, string version) =>
        NfdFeatureFile.Load(_features.At(name), NfdVersion.Parse(version), Verdict.Now);

    private void Write(string name, string text)
    {
        File.WriteAllText(_features.At(name), text);
        File.SetUnixFileMode(_features.At(name), (UnixFileMode)0b110_100_100);
    }
}
