using System.Net;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Agent;

/// <summary>The command line of <c>agent</c>.</summary>
[CancelAfter(60_000)]
public sealed class AgentCommandTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _host.Dispose();
    }

    [TestCase("--enable plugin", "Option '--enable' does not take 'plugin': allowed are label, device-plugin, metrics.")]
    [TestCase("--label-profile gamma", "Option '--label-profile' does not take 'gamma': allowed are beta, alpha, current.")]
    [TestCase("--metrics-profile gamma", "Option '--metrics-profile' does not take 'gamma': allowed are ")]
    [TestCase("--metrics-profile sdk,current", "Option '--metrics-profile' does not take 'sdk,current': ")]
    [TestCase("--output files", "Option '--output' does not take 'files': allowed are auto, file, node-feature, node, -.")]
    [TestCase("--health-interval 2m", "Option '--health-interval' does not take '2m' beside '--interval 60s': allowed are 1s to the interval.")]
    [TestCase("--config-file /no/file --output file", "Option '--output' does not go with '--config-file', which stands for it: write it into the file.")]
    [TestCase("--config-file /no/file", "/no/file: The file cannot be read: ")]
    public async Task A_mistake_is_exit_code_2_and_a_sentence_that_names_it(string args, string sentence)
    {
        var result = await CommandLine.RunAsync(["agent", "--root", _host.Path, .. args.Split(' ')]);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith($"npu-feature-discovery: {sentence}"));
    }

    [TestCase("NPU_AGENT_ENABLE", "plugin", "Option '--enable' does not take 'plugin': allowed are label, device-plugin, metrics.")]
    [TestCase("NPU_AGENT_HEALTH_INTERVAL", "2m", "Option '--health-interval' does not take '2m' beside '--interval 60s': ")]
    [TestCase("NPU_AGENT_CONFIG_FILE", "/no/file", "/no/file: The file cannot be read: ")]
    public async Task An_option_may_come_from_the_environment_which_a_mistake_names(string variable, string value, string sentence)
    {
        var result = await CommandLine.RunInAsync(new() { [variable] = value }, "agent", "--root", _host.Path);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith($"npu-feature-discovery: {sentence}"));
        if (sentence.StartsWith("Option", StringComparison.Ordinal))
            Assert.That(result.Error, Does.Contain($" comes from the variable {variable}."));
    }

    [Test]
    public async Task What_the_command_line_says_counts_before_the_environment_of_which_an_empty_variable_says_nothing()
    {
        var result = await CommandLine.RunInAsync(
            new() { ["NPU_AGENT_ENABLE"] = "nonsense", ["NPU_AGENT_OUTPUT"] = "" }, "agent", "--root", _host.Path, "--enable=plugin");

        Assert.That(result.Error, Does.StartWith("npu-feature-discovery: Option '--enable' does not take 'plugin'"));
        Assert.That(result.Error, Does.Not.Contain("nonsense").And.Not.Contains("--output"));
    }

    [Test]
    public async Task A_broken_file_is_exit_code_2_with_line_and_column()
    {
        await File.WriteAllTextAsync(_folder.At("agent.yaml"), "label:\n  output: files\n");

        var result = await CommandLine.RunAsync("agent", "--root", _host.Path, "--config-file", _folder.At("agent.yaml"));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("agent.yaml:2:11: Key 'label.output' does not take 'files'"));
    }

    [Test]
    public async Task The_process_serves_until_SIGTERM(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var agent = new Daemon("agent", "--root", _host.Path, "--enable", "metrics", "--address", "127.0.0.1:0");
        var line = await agent.WaitForAsync("Serving /metrics", token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await agent.WaitForAsync("Part metrics runs", token);
        var live = await client.GetAsync("/livez", token);
        var metrics = await client.GetStringAsync("/metrics", token);

        var (exitCode, log) = await agent.EndAsync("TERM", token);

        Assert.That((live.StatusCode, exitCode), Is.EqualTo((HttpStatusCode.OK, 0)), log);
        Assert.That(metrics, Does.Contain("\nfuriosa_npu_alive{"));
    }
}
