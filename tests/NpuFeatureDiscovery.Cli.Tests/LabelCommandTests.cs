using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class LabelCommandTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly TemporaryFolder _features = new();

    public void Dispose()
    {
        _host.Dispose();
        _features.Dispose();
    }

    [Test]
    public async Task Options_without_a_command_are_those_of_label()
    {
        var result = await CommandLine.RunAsync(
            "--oneshot", "--root", _host.Path, "--output", "-", "--label", "example.com/a=b,example.com/c=d", "--log-level", "error");

        Assert.That(result.Output, Is.EqualTo(
            """
            beta.furiosa.ai/machine.name=SYS-421GE-TNRT
            beta.furiosa.ai/machine.vendor=Supermicro
            beta.furiosa.ai/npu.count=0
            example.com/a=b
            example.com/c=d

            """));
    }

    [Test]
    public async Task Several_profiles_are_published_together_however_they_are_given()
    {
        _host.AddWarboy(0);

        var together = await CommandLine.RunAsync(PrintedBy("--profile", "alpha,beta", "--hwtype", "haps"));
        var oneByOne = await CommandLine.RunAsync(
            PrintedBy("--profile", "beta", "--profile", "ALPHA,beta", "--profile", "beta", "--hwtype", "haps"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(together.Output, Does.StartWith("alpha.furiosa.ai/npu.family=warboy\nalpha.furiosa.ai/npu.hwtype=haps\n"
                + "beta.furiosa.ai/driver.reference="));
            Assert.That(oneByOne, Is.EqualTo(together));
        }
    }

    [Test]
    public async Task The_aliases_of_the_versions_are_published_where_that_is_asked_for()
    {
        _host.AddWarboy(0);

        var without = await CommandLine.RunAsync(PrintedBy("--profile", "current"));
        var with = await CommandLine.RunAsync(PrintedBy("--profile", "current", "--readme-aliases"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(without.Output, Does.Contain("furiosa.ai/driver.version=").And.Not.Contain("npu.driver.version"));
            Assert.That(with.Output, Does.Contain("furiosa.ai/driver.version=").And.Contain("furiosa.ai/npu.driver.version="));
        }
    }

    [Test]
    public async Task The_feature_file_stands_in_the_features_folder_under_its_name()
    {
        var result = await LabelAsync("--oneshot", "--file-name", "npus");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result, Is.EqualTo(new ProgramResult(0, "", "")));
            Assert.That(File.ReadAllText(_features.At("npus")), Does.EndWith("beta.furiosa.ai/npu.count=0\n"));
        }
    }

    [Test]
    public async Task Publishing_once_gives_a_lease_only_where_a_time_is_given()
    {
        await LabelAsync("--oneshot");
        Assert.That(File.ReadAllText(_features.At("npu-feature-discovery")), Does.Not.Contain("expiry"));

        await LabelAsync("--oneshot", "--lease", "30s");
        Assert.That(File.ReadAllText(_features.At("npu-feature-discovery")), Does.StartWith("# +expiry-time="));
    }

    [Test]
    public async Task A_node_that_lost_its_NPUs_has_no_file_where_that_is_asked_for()
    {
        _host.AddWarboy(0).Remove();
        await LabelAsync("--oneshot");
        Assert.That(Directory.GetFiles(_features.Path), Has.Length.EqualTo(1));

        await LabelAsync("--oneshot", "--no-device", "remove");

        Assert.That(Directory.GetFiles(_features.Path), Is.Empty);
    }

    [Test]
    public async Task A_dry_run_prints_what_would_change_and_changes_nothing()
    {
        await LabelAsync("--oneshot");
        var before = File.ReadAllText(_features.At("npu-feature-discovery"));
        _host.AddRngd(0);
        _host.SetMachine("HP", null);

        var result = await LabelAsync("--dry-run");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.Zero);
            Assert.That(result.Output, Is.EqualTo(
                """
                + beta.furiosa.ai/driver.reference=0abcdef
                + beta.furiosa.ai/driver.version=1.0.0
                + beta.furiosa.ai/driver.version.major=1
                + beta.furiosa.ai/driver.version.minor=0
                + beta.furiosa.ai/driver.version.patch=0
                - beta.furiosa.ai/machine.name=SYS-421GE-TNRT
                - beta.furiosa.ai/machine.vendor=Supermicro
                + beta.furiosa.ai/machine.vendor=HP
                - beta.furiosa.ai/npu.count=0
                + beta.furiosa.ai/npu.count=1
                + beta.furiosa.ai/npu.family=renegade
                + beta.furiosa.ai/npu.product=rngd

                """));
            Assert.That(File.ReadAllText(_features.At("npu-feature-discovery")), Is.EqualTo(before));
        }
    }

    [Test]
    public async Task A_dry_run_of_what_is_published_prints_nothing()
    {
        await LabelAsync("--oneshot");

        Assert.That((await LabelAsync("--dry-run")).Output, Is.Empty);
    }

    [Test]
    public async Task A_missing_features_folder_is_exit_code_1_and_not_made()
    {
        var result = await CommandLine.RunAsync(
            "--oneshot", "--root", _host.Path, "--features-dir", _features.At("missing"), "--log-level", "error");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.EqualTo(1));
            Assert.That(result.Error, Does.Contain($"'{_features.At("missing")}' does not exist").And.Contain("Create it"));
            Assert.That(Directory.Exists(_features.At("missing")), Is.False);
        }
    }

    [Test]
    public async Task A_host_whose_driver_folder_cannot_be_listed_keeps_its_labels()
    {
        await LabelAsync("--oneshot");
        File.CreateSymbolicLink(_host.At("/sys/class/npu_mgmt"), "npu_mgmt");

        var result = await LabelAsync("--oneshot", "--label", "example.com/a=b");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(File.ReadAllText(_features.At("npu-feature-discovery")), Does.Not.Contain("example.com"));
    }

    private string[] PrintedBy(params string[] args) =>
        ["--oneshot", "--root", _host.Path, "--output", "-", "--log-level", "error", .. args];

    private Task<ProgramResult> LabelAsync(params string[] args) => CommandLine.RunAsync(
        ["label", "--root", _host.Path, "--features-dir", _features.Path, "--log-level", "error", .. args]);
}
