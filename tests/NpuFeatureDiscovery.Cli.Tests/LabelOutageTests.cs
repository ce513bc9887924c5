using System.Net;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary>What becomes of <c>label</c> where the way to the API server is broken, missing or silent.</summary>
[CancelAfter(60_000)]
public sealed class LabelOutageTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [TestCase("contexts: [", "line 2")]
    [TestCase("current-context: x", "'contexts' has no 'x'")]
    [TestCase("apiVersion: v1", "there is no current-context")]
    public async Task A_broken_kubeconfig_is_exit_code_2_naming_file_and_place(string text, string place)
    {
        File.WriteAllText(_folder.At("config"), text);

        var result = await RunAsync(new() { ["KUBECONFIG"] = _folder.At("config") });

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(_folder.At("config")).And.Contain(place));
    }

    [Test]
    public async Task A_kubeconfig_that_is_not_there_is_exit_code_2()
    {
        var result = await RunAsync(new() { ["KUBECONFIG"] = "/no/such/config" });

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("/no/such/config"));
    }

    [Test]
    public async Task A_feature_file_asks_for_no_kubeconfig()
    {
        var result = await RunAsync(new() { ["KUBECONFIG"] = "/no/such/config" }, "--output", "file");

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task Without_an_API_server_or_in_a_pod_without_a_token_there_is_a_feature_file()
    {
        Assert.That((await RunAsync([])).ExitCode, Is.Zero);
        File.Delete(FilePath);

        Assert.That((await RunAsync(new() { ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1" })).ExitCode, Is.Zero);
        Assert.That(File.Exists(FilePath), Is.True);
    }

    [Test]
    public async Task A_pod_without_a_token_cannot_label_its_Node()
    {
        var result = await CommandLine.RunInAsync(
            new() { ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1", ["KUBERNETES_SERVICE_PORT"] = "443" },
            "--oneshot", "--root", _host.Path, "--output", "node");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("automountServiceAccountToken"));
    }

    [Test]
    public async Task A_name_that_is_none_of_a_Node_is_exit_code_2()
    {
        var result = await RunAsync(new() { ["KUBECONFIG"] = Kubeconfig(), ["NODE_NAME"] = "Node_1" });

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("'Node_1'").And.Contain("NODE_NAME"));
    }

    [Test]
    public async Task A_cleanup_without_an_API_server_removes_the_feature_file_and_what_it_was_prepared_in()
    {
        await RunAsync([]);

        Assert.That((await RunAsync([], "--cleanup")).Output, Is.EqualTo($"{FilePath}: removed\n"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
        Assert.That((await RunAsync([], "--cleanup")).Output, Is.EqualTo($"{FilePath}: nothing to remove\n"));
    }

    [Test]
    public async Task A_cleanup_that_does_not_reach_the_API_server_removes_the_file_and_is_exit_code_1()
    {
        await RunAsync([]);

        var result = await RunAsync(new() { ["KUBECONFIG"] = Kubeconfig() }, "--cleanup");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("has no answer"));
        Assert.That(File.Exists(FilePath), Is.False);
    }

    [Test]
    public async Task An_agent_whose_API_server_is_away_says_so_once_and_goes_on(CancellationToken token)
    {
        using var daemon = Daemon.StartIn(
            Kubeconfig(), "label", "--node-name", "node-1", "--root", _host.Path, "--features-dir", _folder.Path, "--address", "127.0.0.1:0");
        var line = await daemon.WaitForAsync("Serving /metrics", token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await daemon.WaitForAsync("cannot be decided yet", token);

        var ready = await client.GetAsync("/readyz", token);
        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await ready.Content.ReadAsStringAsync(token), Does.StartWith("[-] labels: How to publish the labels of Node 'node-1' cannot be decided yet"));
        Assert.That((await client.GetAsync("/livez", token)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(File.Exists(FilePath), Is.False);

        Assert.That((await daemon.EndAsync("TERM", token)).ExitCode, Is.Zero);
    }

    private string FilePath => _folder.At("npu-feature-discovery");

    /// <summary>For a server at a loopback port where nobody listens.</summary>
    private string Kubeconfig()
    {
        File.WriteAllText(_host.At("/kubeconfig"), """
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test, namespace: test}}]
            clusters: [{name: test, cluster: {server: "https://127.0.0.1:1"}}]
            users: [{name: test, user: {token: abc}}]
            """);
        return _host.At("/kubeconfig");
    }

    private Task<ProgramResult> RunAsync(Dictionary<string, string> environment, params string[] args) => CommandLine.RunInAsync(
        environment, ["label", "--oneshot", "--root", _host.Path, "--features-dir", _folder.Path, "--log-level", "error", .. args]);
}
