using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

/// <summary>The status of the program as users start it.</summary>
[CancelAfter(120_000)]
public sealed class AgentStatusTests : IAsyncDisposable
{
    private readonly TemporaryFolder _plugins = new();
    private readonly TemporaryFolder _files = new();
    private readonly FakeKubelet _kubelet;

    public AgentStatusTests() => _kubelet = new FakeKubelet(_plugins.Path, KubeletVersion.V1_20, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _kubelet.DisposeAsync();
        _plugins.Dispose();
        _files.Dispose();
    }

    [Test]
    public async Task The_agent_shows_all_its_parts_at_its_address(CancellationToken token)
    {
        await _kubelet.StartAsync(token);
        using var agent = Start("");
        using var client = await ClientAsync(agent, token);

        var status = await UntilAsync(client, status => status["parts"]!.AsArray().Count == 3
            && status["labels"]?["succeededAt"] is not null && (string?)status["devicePlugin"]?["resources"]?[0]?["name"] is not null
            && status["devicePlugin"]!["faults"]!.AsArray().Count == 0, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)status["node"]!["name"], Is.EqualTo("npu-001"));
            Assert.That(status["parts"]!.AsArray().Select(part => ((string?)part!["name"], (bool)part["isRunning"]!)),
                Is.EqualTo([("device-plugin", true), ("label", true), ("metrics", true)]));
            Assert.That(status["devices"]!.AsArray().Select(device => (string?)device!["card"]!["family"]), Is.EqualTo((string[])["warboy", "rngd"]));
            Assert.That(status["labels"]!["wanted"]!.AsArray().Select(label => $"{label!["key"]}={label["value"]}"),
                Has.Member("beta.furiosa.ai/npu.count=2"));
            Assert.That(status["allocations"], Is.Null, "It is told not to ask.");
        }

        Assert.That(await client.GetStringAsync("/", token), Does.StartWith("<!doctype html>"));
        Assert.That((await agent.EndAsync("TERM", token)).ExitCode, Is.EqualTo(0));
    }

    [Test]
    public async Task What_a_part_lacks_is_not_shown(CancellationToken token)
    {
        using var agent = Start("enable: [label]");
        using var client = await ClientAsync(agent, token);

        var status = await UntilAsync(client, status => status["labels"] is not null && status["devices"]!.AsArray().Count == 2, token);

        Assert.That((status["devicePlugin"], status["allocations"]), Is.EqualTo(((JsonNode?)null, (JsonNode?)null)));
        Assert.That((long?)status["devices"]![0]!["card"]!["temperatureMillicelsius"], Is.Not.Null);
    }

    [Test]
    public async Task A_browser_shows_it_without_complaint(CancellationToken token)
    {
        Browser.IgnoreWhereMissing();
        await _kubelet.StartAsync(token);
        using var agent = Start("");
        using var client = await ClientAsync(agent, token);
        await using var browser = await Browser.StartAsync(token);
        var page = await BrowserPage.OpenAsync(browser, 1280, isDark: false, "en", token);

        await page.GoToAsync(client.BaseAddress!, token);
        await page.UntilAsync("document.querySelectorAll('#parts').length && document.body.innerText.includes('Registered')", token);

        await page.PictureAsync("agent-sample-node", token);
        Assert.That(page.Complaints, Is.Empty);
    }

    private Daemon Start(string agent)
    {
        File.WriteAllText(_files.At("agent.yaml"), $"""
            address: 127.0.0.1:0
            {agent}
            label:
              output: file
              featuresDir: {_files.Path}
            devicePlugin:
              pluginDir: {_plugins.Path}
            metrics:
              podResources: "off"
            """);
        return new Daemon(
            "agent", "--config-file", _files.At("agent.yaml"), "--node-name", "npu-001", "--root", Repository.At("samples/nodes/mixed"));
    }

    private static async Task<HttpClient> ClientAsync(Daemon agent, CancellationToken token)
    {
        var line = await agent.WaitForAsync("Serving /metrics", token);
        return new HttpClient { BaseAddress = new Uri($"http://{line[(line.LastIndexOf(' ') + 1)..]}") };
    }

    private static async Task<JsonNode> UntilAsync(HttpClient client, Func<JsonNode, bool> predicate, CancellationToken token)
    {
        while (true)
        {
            var status = JsonNode.Parse(await client.GetStringAsync("/status.json", token))!;
            if (predicate(status))
                return status;
        }
    }
}
