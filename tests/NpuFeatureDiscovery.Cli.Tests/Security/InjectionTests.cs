using System.Net;
using System.Text.Json;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Security;

/// <summary>What a host, an API server or a user writes stays what it is: a part of one line, one cell, one value.</summary>
[CancelAfter(60_000)]
public sealed class InjectionTests : IDisposable
{
    /// <summary>Begins lines of every kind that we write, and speaks to terminals and browsers.</summary>
    private const string Hostile =
        "x\r\n2026-01-01T00:00:00.000Z info: Forged[1] all is well\nbeta.furiosa.ai/forged=1\nforged_metric 1\n"
        + "\e[2J\e]0;title\a\u009b31m\u202e<script>alert(1)</script>\"} 1 \\ `id` $(id)";

    private readonly HostTree _host = new();
    private readonly TemporaryFolder _folder = new();

    public InjectionTests()
    {
        _host.SetMachine(Hostile, Hostile);
        var card = _host.AddWarboy(0);
        foreach (var attribute in (string[])["device_sn", "device_uuid", "version", "fw_version", "soc_rev", "heartbeat", "atr_error", "performance_mode"])
            card.Set(attribute, Hostile);

        _host.AddRngd(1).Set("device_type", Hostile).Set("ne_clk_freq_info", Hostile);
        _host.Write($"{card.HwmonFolder}/temp1_label", Hostile);
        _host.AddWarboy(2).Set("busname", Hostile);
        _host.AddWarboy(3).Set("platform_type", Hostile);
    }

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task Every_line_of_the_feature_file_is_a_label_of_ours_whatever_the_host_says()
    {
        var result = await CommandLine.RunAsync(
            "label", "--oneshot", "--root", _host.Path, "--output", "file", "--features-dir", _folder.Path, "--profile", "beta,alpha,current");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var lines = (await File.ReadAllTextAsync(_folder.At(NpuFeatureDiscovery.Labels.Sinks.FeatureFileOptions.DefaultFileName))).TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.All.Match("^(beta|alpha)?\\.?furiosa\\.ai/[-._a-zA-Z0-9]+=[-._a-zA-Z0-9]*\\z"));
        Assert.That(lines, Has.None.Contains("forged="));
    }

    [TestCase("devices", "--output", "wide")]
    [TestCase("devices", "--output", "table")]
    [TestCase("devices", "--output", "yaml")]
    [TestCase("devices", "--output", "json")]
    [TestCase("doctor", "--output", "text")]
    [TestCase("doctor", "--output", "json")]
    public async Task What_a_host_says_reaches_no_terminal(params string[] command)
    {
        var result = await CommandLine.RunAsync([.. command, "--root", _host.Path]);

        // What programs read says which letters there are; it holds no control either.
        var isForPeople = command[^1] is not ("json" or "yaml");
        Assert.That((result.Output + result.Error).Where(letter => isForPeople ? IsHarmful(letter) : char.IsControl(letter) && letter != '\n'), Is.Empty);
        Assert.That(result.Output.Split('\n'), Has.None.StartsWith("2026-01-01").And.None.StartsWith("beta.furiosa.ai/forged"));
    }

    [TestCase("text")]
    [TestCase("json")]
    public async Task What_a_host_says_forges_no_line_of_the_log(string format, CancellationToken token)
    {
        var result = await TheProgram.RunAsync(
            token, "label", "--oneshot", "--root", _host.Path, "--output", "-", "--log-format", format, "--log-level", "debug");

        var lines = result.Error.TrimEnd('\n').Split('\n');
        Assert.That((result.Output + result.Error).Where(IsHarmful), Is.Empty);
        if (format == "json")
            Assert.That(() => Array.ForEach(lines, line => JsonDocument.Parse(line).Dispose()), Throws.Nothing);
        else
            Assert.That(lines, Has.All.Match("^\\d{4}-\\S+Z (dbug|info|warn|fail): NpuFeatureDiscovery[.a-zA-Z]*\\[\\d+\\] "));
    }

    [Test]
    public async Task What_an_API_server_says_is_one_line(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        server.Fail(HttpStatusCode.Forbidden, JsonSerializer.Serialize(
            new Dictionary<string, string> { ["kind"] = "Status", ["reason"] = "Forbidden\e[1m", ["message"] = Hostile }));

        var result = await TheProgram.RunInAsync(
            server.Admin.Source.Split(" of ")[1], token, "label", "--oneshot", "--root", _host.Path, "--output", "node", "--node-name", "node-1");

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(result.Error.Where(IsHarmful), Is.Empty);
        Assert.That(result.Error.Split('\n'), Has.None.StartsWith("2026-01-01T00").And.None.StartsWith("beta.furiosa.ai/forged"));
    }

    [Test]
    public async Task A_server_that_need_not_show_who_it_is_is_warned_of(CancellationToken token)
    {
        await using var server = await FakeKubernetesApi.StartAsync(token);
        server.Fail(HttpStatusCode.Forbidden, "no");
        var kubeconfig = server.ConfigurationOf("token: admin-token", "insecure-skip-tls-verify: true").Source.Split(" of ")[1];

        var result = await TheProgram.RunInAsync(
            kubeconfig, token, "label", "--oneshot", "--root", _host.Path, "--output", "node", "--node-name", "node-1");

        Assert.That(result.Error, Does.Contain($"Anybody on the way to {server.Url}/ can answer in its place: context 'test' of {kubeconfig} gives"));
    }

    [Test]
    public async Task The_name_of_a_file_is_one_line_of_what_validate_says()
    {
        await File.WriteAllTextAsync(_folder.At("a\nb\e[2J"), "x\e[31m=y\n");

        var result = await CommandLine.RunAsync("validate", _folder.Path, _folder.At("no\e[2Jfile"));
        var read = await CommandLine.RunAsync("validate", _folder.Path);

        Assert.That((result.Error + result.Output + read.Output).Where(IsHarmful), Is.Empty);
        Assert.That(read.Output, Does.Contain("a b?[2J: "));
    }

    [Test]
    public async Task A_mistake_of_the_command_line_is_told_without_its_escapes()
    {
        var result = await CommandLine.RunAsync("label", "--interval", "\e[2J\nforged");

        Assert.That(result.Error.Where(IsHarmful), Is.Empty);
        Assert.That(result.Error.Split('\n'), Has.Exactly(3).Items.And.All.Match("^(npu-feature-discovery: .*)?\\z"));
    }

    private static bool IsHarmful(char letter) => (char.IsControl(letter) && letter != '\n') || letter is '\u202e' or '\u2028';
}
