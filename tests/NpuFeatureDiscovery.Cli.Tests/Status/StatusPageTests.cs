using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Status;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

/// <summary>What a person sees at <c>/</c>, in a real browser.</summary>
[CancelAfter(120_000)]
public sealed class StatusPageTests : IAsyncDisposable
{
    private const string Rngd0 = "7C5D11A0-0000-4E02-8B1F-000000000000";
    private const string Html = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">";

    /// <summary>Texts of the page against what is behind them, by the formula of WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.</summary>
    private const string LowContrasts = """
        (() => {
            const numbers = color => color.match(/[\d.]+/g).map(Number);
            const luminance = color => numbers(color).slice(0, 3).map(value => value / 255)
                .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
                .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
            const behind = element => {
                for (; element; element = element.parentElement) {
                    const color = getComputedStyle(element).backgroundColor;
                    if ((numbers(color)[3] ?? 1) > 0) return color;
                }
                return 'rgb(255, 255, 255)';
            };
            const low = [];
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const element = texts.currentNode.parentElement;
                if (!texts.currentNode.data.trim() || ['SCRIPT', 'NOSCRIPT', 'CAPTION'].includes(element.tagName)) continue;
                const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
                const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
                if (ratio < 4.5) low.push(`${texts.currentNode.data}: ${ratio}`);
            }
            return low;
        })()
        """;

    /// <summary>What reaches beyond the window, but for what scrolls by itself.</summary>
    private const string TooWide = """
        [...document.body.querySelectorAll('*')].filter(element => {
            const { right, width } = element.getBoundingClientRect();
            const scrolls = getComputedStyle(element.parentElement.closest('.panel') ?? document.body).overflowX === 'auto';
            return width > 1 && !element.closest('thead') && right > document.documentElement.clientWidth + 0.5 && !scrolls;
        }).map(element => `${element.tagName}.${element.className}: ${element.textContent}`)
        """;

    private readonly StatusNode _node = new();
    private Browser? _browser;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();

        await _node.DisposeAsync();
    }

    [Test]
    public async Task What_the_node_says_stands_on_the_page(
        [Values(1280, 375)] int width, [Values] bool isDark, CancellationToken token)
    {
        await StartBusyNodeAsync(token);

        var page = await OpenAsync(token, width, isDark);

        var text = await page.TextAsync(token);
        await page.PictureAsync($"status-{(width == 375 ? "phone" : "desktop")}-{(isDark ? "dark" : "light")}", token);
        using (Assert.EnterMultipleScope())
        {
            foreach (var expected in (string[])
                ["npu-001", "Supermicro SYS-421GE-TNRT", "npu0", "train-7d9f", "cores 0–3", "beta.furiosa.ai/npu.count", "Registered", "metrics", "disk full"])
                Assert.That(text, Does.Contain(expected));
            Assert.That(await ListAsync(page, TooWide, token), Is.Empty);
            Assert.That((bool)(await page.EvaluateAsync("document.documentElement.scrollWidth <= document.documentElement.clientWidth", token))!);
            Assert.That(await ListAsync(page, LowContrasts, token), Is.Empty);
            Assert.That(page.Complaints, Is.Empty);
            Assert.That(page.Requests.Where(request => !request.StartsWith("data:", StringComparison.Ordinal)),
                Is.All.StartsWith(_node.Address.AbsoluteUri));
        }
    }

    [Test]
    public async Task Dark_and_light_differ(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(token);

        var light = await OpenAsync(token, isDark: false);
        var dark = await OpenAsync(token, isDark: true);

        const string background = "getComputedStyle(document.body).backgroundColor";
        Assert.That((string?)await light.EvaluateAsync(background, token), Is.EqualTo("rgb(247, 247, 245)"));
        Assert.That((string?)await dark.EvaluateAsync(background, token), Is.EqualTo("rgb(22, 22, 21)"));
    }

    [Test]
    public async Task A_person_who_hears_the_page_is_told_what_each_table_and_heading_is(CancellationToken token)
    {
        await StartBusyNodeAsync(token);

        var page = await OpenAsync(token);

        Assert.That(await ListAsync(page, "[...document.querySelectorAll('h1, h2')].map(heading => `${heading.tagName} ${heading.textContent}`)", token),
            Is.EqualTo((string[])
            [
                "H1 npu-001", "H2 Needs attention", "H2 NPUs", "H2 Allocations", "H2 Labels", "H2 Kubelet", "H2 Parts", "H2 Last problems",
            ]));
        Assert.That(await ListAsync(page, "[...document.querySelectorAll('table')].filter(table => !table.caption?.textContent).map(String)", token), Is.Empty);
        Assert.That((string?)await page.EvaluateAsync("document.documentElement.lang", token), Is.EqualTo("en"));
    }

    [Test]
    public async Task Users_of_Korean_read_Korean(CancellationToken token)
    {
        await StartBusyNodeAsync(token);

        var page = await OpenAsync(token, language: "ko-KR,ko");

        var text = await page.TextAsync(token);
        await page.PictureAsync("status-desktop-korean", token);
        Assert.That(text, Does.Contain("확인이 필요합니다").And.Contain("할당").And.Contain("최근 문제").And.Contain("비정상"));
        Assert.That((string?)await page.EvaluateAsync("document.documentElement.lang", token), Is.EqualTo("ko"));
        Assert.That(page.Complaints, Is.Empty);
    }

    [Test]
    public async Task What_a_card_says_is_text_whatever_it_looks_like(CancellationToken token)
    {
        _node.Host.AddWarboy(0).Set("device_sn", Html + "\n").Set("alive", Html + "\n");
        await _node.StartAsync(token);

        var page = await OpenAsync(token);

        Assert.That(await page.TextAsync(token), Does.Contain(Html));
        Assert.That((int)(await page.EvaluateAsync("document.images.length + document.scripts.length", token))!, Is.EqualTo(1));
        Assert.That((string?)await page.EvaluateAsync("document.title", token), Does.Not.Contain("owned"));
        Assert.That(page.Complaints, Is.Empty);
    }

    [Test]
    public async Task A_script_that_is_not_the_page_s_own_does_not_run(CancellationToken token)
    {
        await _node.StartAsync(token);
        var page = await OpenAsync(token);

        await page.EvaluateAsync(
            "(() => { const script = document.createElement('script'); script.textContent = 'document.title = \"owned\"'; document.body.append(script); })()",
            token);

        Assert.That((string?)await page.EvaluateAsync("document.title", token), Does.Not.Contain("owned"));
        Assert.That(page.Complaints, Has.Exactly(1).Contain("Content Security Policy"));
    }

    [Test]
    public async Task It_follows_the_node_without_being_loaded_anew(CancellationToken token)
    {
        var card = _node.Host.AddWarboy(0);
        await _node.StartAsync(token);
        var page = await OpenAsync(token);
        await page.EvaluateAsync("document.getElementById('npus').dataset.isSame = 'yes'", token);
        Assert.That(await page.TextAsync(token), Does.Not.Contain("Needs attention"));

        card.Set("alive", "0\n");

        await page.UntilAsync("document.body.innerText.includes('npu0: Unhealthy')", token);
        Assert.That(page.Requests.Count(request => request == _node.Address.AbsoluteUri), Is.EqualTo(1));
        Assert.That((string?)await page.EvaluateAsync("document.title", token), Is.EqualTo("(1) npu-001 · NPU"));
    }

    [Test]
    public async Task It_says_from_when_on_the_node_does_not_answer_and_when_it_does_again(CancellationToken token)
    {
        _node.Host.AddWarboy(0);
        await _node.StartAsync(token);
        var page = await OpenAsync(token);
        var block = new JsonObject { ["urls"] = new JsonArray("*status.json") };
        await page.SendAsync("Network.setBlockedURLs", block, token);

        await page.UntilAsync("document.body.innerText.includes('No answer since')", token);

        Assert.That(await page.TextAsync(token), Does.Contain("npu0").And.Contain("What follows is as of then."));
        await page.PictureAsync("status-no-answer", token);
        await page.SendAsync("Network.setBlockedURLs", new() { ["urls"] = new JsonArray() }, token);
        await page.UntilAsync("document.body.innerText.includes('Live')", token);
        Assert.That(await page.TextAsync(token), Does.Not.Contain("No answer since"));
    }

    [Test]
    public async Task Without_scripts_it_says_where_the_same_can_be_read(CancellationToken token)
    {
        await _node.StartAsync(token);
        var page = await NewPageAsync(token);
        await page.SendAsync("Emulation.setScriptExecutionDisabled", new() { ["value"] = true }, token);

        await page.GoToAsync(_node.Address, token);

        // Not by a timer of the page: it has no scripts.
        while (!(await page.TextAsync(token)).Contains("A script draws this page from status.json", StringComparison.Ordinal))
            token.ThrowIfCancellationRequested();
    }

    [Test]
    public async Task The_page_is_small_and_its_policy_names_its_own_script_and_style_alone()
    {
        var page = new StatusPage();

        Assert.That((await page.CreateAsync(CancellationToken.None)).Length, Is.LessThan(30 * 1024));
        Assert.That(page.ContentSecurityPolicy, Does.Match(
            "^default-src 'none'; style-src 'sha256-[^']{44}'; script-src 'sha256-[^']{44}'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'$"));
    }

    /// <summary>A node on which much is in use, and something is wrong.</summary>
    private async Task StartBusyNodeAsync(CancellationToken token)
    {
        _node.Host.AddRngd(0);
        _node.Host.AddRngd(1);
        _node.Host.AddWarboy(0).Set("alive", "0\n");
        _node.Pods.Add("train-7d9f", "main", (StatusNode.Resource, [$"{Rngd0}_cores_0-3"]));
        _node.Pods.Add("serve", "model", (StatusNode.Resource, [$"{Rngd0}_cores_5"]));
        _node.Parts.All =
        [
            new PartState("device-plugin", DateTimeOffset.UtcNow, null, 0), new PartState("label", DateTimeOffset.UtcNow, null, 0),
            new PartState("metrics", DateTimeOffset.UtcNow, "disk full", 3),
        ];
        await _node.StartAsync(token);
    }

    private async Task<BrowserPage> OpenAsync(
        CancellationToken token, int width = 1280, bool isDark = false, string language = "en-US,en")
    {
        var page = await NewPageAsync(token, width, isDark, language);
        await page.GoToAsync(_node.Address, token);
        await page.UntilAsync("document.querySelector('#npus')", token);
        return page;
    }

    private async Task<BrowserPage> NewPageAsync(
        CancellationToken token, int width = 1280, bool isDark = false, string language = "en-US,en")
    {
        Browser.IgnoreWhereMissing();
        _browser ??= await Browser.StartAsync(token);
        return await BrowserPage.OpenAsync(_browser, width, isDark, language, token);
    }

    private static async Task<string[]> ListAsync(BrowserPage page, string expression, CancellationToken token) =>
        [.. (await page.EvaluateAsync(expression, token))!.AsArray().Select(item => (string)item!)];
}
