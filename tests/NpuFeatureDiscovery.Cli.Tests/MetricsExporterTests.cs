using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

/// <summary><c>metrics-exporter</c> as a process.</summary>
public sealed class MetricsExporterTests : IDisposable
{
    private const int Deadline = 60_000;

    private readonly HostTree _host = new();
    private readonly TlsFiles _files = new();

    public void Dispose()
    {
        _host.Dispose();
        _files.Dispose();
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_scrape_shows_the_cards_as_they_are(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        _host.AddRngd(0);
        using var exporter = Start();
        using var client = await ClientAsync(exporter, token);

        var before = await client.GetStringAsync("/metrics", token);
        card.Set("alive", "0\n");
        var after = await UntilAsync(client, text => Alive(text).Contains("0"), token);

        Assert.That(Alive(before), Is.EqualTo(["1", "1"]));
        Assert.That(Alive(after), Is.EquivalentTo(["0", "1"]));
        Assert.That(before, Does.Contain("furiosa_npu_hw_temperature{").And.Contain("furiosa_npu_uptime{"));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_card_that_hangs_is_not_alive_and_delays_no_other(CancellationToken token)
    {
        var card = _host.AddWarboy(0);
        _host.AddWarboy(1);
        using var exporter = Start();
        using var client = await ClientAsync(exporter, token);

        card.Hang("heartbeat");
        // The counter is read at the same time as the cards, so that it may tell of it one scrape later.
        var text = await UntilAsync(
            client, text => Alive(text).Contains("0") && text.Contains("npu_metrics_exporter_device_errors_total{device=\"npu0\",reason=\"timeout\"}"),
            token);
        card.EndHang("heartbeat", "1\n");

        Assert.That(text.Split('\n').Where(line => line.StartsWith("furiosa_npu_uptime{")), Has.One.Contains("device=\"npu1\""));
        await UntilAsync(client, text => !Alive(text).Contains("0"), token);
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Utilization_and_the_name_of_the_node_are_shown_where_they_are_asked_for(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var exporter = Start("--profile", "base-units", "--enable-npu-utilization", "--node-name", "node-1");
        using var client = await ClientAsync(exporter, token);

        var text = await UntilAsync(client, text => text.Contains("furiosa_npu_utilization_ratio{"), token);

        Assert.That(text.Split('\n').Where(line => line.StartsWith("furiosa_npu_utilization_ratio{")), Has.Exactly(2).Items.And.All.EndsWith(" 0"));
        Assert.That(text.Split('\n').Where(line => line.StartsWith("furiosa_npu_info{")), Is.All.Contains("node=\"node-1\""));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Without_options_there_is_no_utilization_and_no_Pod(CancellationToken token)
    {
        _host.AddWarboy(0);
        using var exporter = Start();
        using var client = await ClientAsync(exporter, token);

        Assert.That(await client.GetStringAsync("/metrics", token), Does.Not.Contain("utilization").And.Not.Contain("pod_resources").And.Not.Contain("node="));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task By_TLS_the_metrics_are_shown_to_who_has_the_token(CancellationToken token)
    {
        File.WriteAllText(_files.At("token"), "secret\n");
        using var exporter = Start(
            "--tls-cert-file", _files.CertificateFile, "--tls-private-key-file", _files.PrivateKeyFile,
            "--bearer-token-file", _files.At("token"));
        var line = await exporter.WaitForAsync("Serving /metrics", token);
        using var client = new HttpClient(_files.CreateClient()) { BaseAddress = new Uri($"https://{line[(line.LastIndexOf(' ') + 1)..]}") };

        using var refused = await client.GetAsync("/metrics", token);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        _files.Renew();
        var text = await client.GetStringAsync("/metrics", token);

        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(text, Does.Contain("npu_feature_discovery_scrape_collector_success{collector=\"npu\"} 1\n"));
        Assert.That(await exporter.WaitForAsync("Changed and in use", token), Does.Contain(_files.CertificateFile));
    }

    [Test]
    public async Task Bad_files_are_exit_code_2_and_a_sentence_for_each()
    {
        using var others = new TlsFiles();
        File.WriteAllText(_files.At("empty"), "");

        var result = await CommandLine.RunAsync(
            "metrics-exporter", "--root", _host.Path, "--bearer-token-file", _files.At("empty"), "--basic-auth-file", _files.Path,
            "--tls-cert-file", _files.CertificateFile, "--tls-private-key-file", others.PrivateKeyFile);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith($"""
            npu-feature-discovery: Option '--tls-private-key-file' does not take '{others.PrivateKeyFile}': its key cannot be read, or is not that of the first certificate: give the two that were made together.
            npu-feature-discovery: Option '--bearer-token-file' does not take '{_files.At("empty")}': it is empty: write the token into it.
            npu-feature-discovery: Option '--basic-auth-file' does not take '{_files.Path}': it is a folder.

            """));
    }

    [TestCase("--tls-cert-file", "/no/such.crt", "'--tls-cert-file' does not go without '--tls-private-key-file'")]
    [TestCase("--tls-cert-file", "/no/such.crt", "'--tls-cert-file' does not take '/no/such.crt': there is no such file.")]
    [TestCase("--tls-private-key-file", "/no/such.key", "'--tls-private-key-file' does not go without '--tls-cert-file'")]
    [TestCase("--basic-auth-file", "", "'--basic-auth-file' does not take '': allowed is a file's path.")]
    [TestCase("--max-series", "0", "'--max-series' does not take '0': allowed are 1 to 10000000.")]
    [TestCase("--max-series", "many", "'--max-series' does not take 'many'")]
    [TestCase("--device-timeout", "4s", "'--device-timeout' does not take '4s': allowed are 1s to 3s: a scrape ends within 3 s.")]
    [TestCase("--root", "/no/such/root", "'--root' does not take '/no/such/root'")]
    public async Task A_mistake_is_exit_code_2_and_a_sentence_that_names_it(string option, string value, string sentence)
    {
        var result = await CommandLine.RunAsync("metrics-exporter", option, value);

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((2, "")));
        Assert.That(result.Error, Does.Contain(sentence));
    }

    [Test]
    public async Task A_port_that_another_program_has_is_exit_code_1()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var result = await CommandLine.RunAsync("metrics-exporter", "--root", _host.Path, "--address", $"{other.LocalEndpoint}");

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((1,
            $"npu-feature-discovery: Metrics and health cannot be served at address '{other.LocalEndpoint}': another program listens "
            + "there. Give an address of this machine with a free port, or port 0 for any that is free.\n")));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_root_without_sys_is_told_by_readyz(CancellationToken token)
    {
        _host.Delete("/sys");
        using var exporter = Start();
        var line = await exporter.WaitForAsync("Serving /metrics", token);
        await exporter.WaitForAsync($"'{_host.Path}' has no folder 'sys'", token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };

        using var answer = await client.GetAsync("/readyz", token);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await answer.Content.ReadAsStringAsync(token), Does.StartWith($"[-] devices: '{_host.Path}' has no folder 'sys'"));
    }

    [TestCase("sdk,current", "choose one")]
    [TestCase("gamma", "sdk, base-units, current")]
    public async Task Profiles_that_do_not_go_together_are_exit_code_2(string profiles, string words)
    {
        var result = await CommandLine.RunAsync("metrics-exporter", "--root", _host.Path, "--profile", profiles);

        Assert.That((result.ExitCode, result.Error.Contains(words)), Is.EqualTo((2, true)), result.Error);
    }

    [Test]
    public async Task The_exporter_of_the_SDK_is_metrics_exporter() => Assert.That(
        (await CommandLine.RunAsAsync(ProgramName.MetricsExporter, "--help")).Output,
        Is.EqualTo((await CommandLine.RunAsync("metrics-exporter", "--help")).Output));

    private Daemon Start(params string[] more) => new(
    [
        "metrics-exporter", "--root", _host.Path, "--address", "127.0.0.1:0", "--pod-resources", "off", "--device-timeout", "3s", .. more,
    ]);

    private static async Task<HttpClient> ClientAsync(Daemon exporter, CancellationToken token)
    {
        var line = await exporter.WaitForAsync("Serving /metrics", token);
        var client = new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
        await UntilAsync(client, text => Alive(text).Length > 0, token);
        return client;
    }

    private static async Task<string> UntilAsync(HttpClient client, Func<string, bool> isEnough, CancellationToken token)
    {
        while (true)
        {
            var text = await client.GetStringAsync("/metrics", token);
            if (isEnough(text))
                return text;
        }
    }

    private static string[] Alive(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith("furiosa_npu_alive{", StringComparison.Ordinal)).Select(line => line[^1..])];
}
