using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

/// <summary>A page in a <see cref="Browser"/>, with all that it complained of and asked for.</summary>
internal sealed class BrowserPage
{
    private readonly Browser _browser;
    private readonly string _session;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private BrowserPage(Browser browser, string session)
    {
        (_browser, _session) = (browser, session);
        browser.Told += Note;
    }

    /// <summary>Errors and warnings of the console, of the script, and of the content security policy.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>The addresses that were asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <param name="browser">Where to open it.</param>
    /// <param name="width">The window's width in CSS pixels.</param>
    /// <param name="isDark">Whether the user prefers dark.</param>
    /// <param name="language">The user's language.</param>
    /// <param name="token">Ends a wait.</param>
    public static async Task<BrowserPage> OpenAsync(
        Browser browser, int width, bool isDark, string language, CancellationToken token)
    {
        var target = await browser.SendAsync("Target.createTarget", new() { ["url"] = "about:blank" }, null, token);
        var attached = await browser.SendAsync(
            "Target.attachToTarget", new() { ["targetId"] = (string)target["targetId"]!, ["flatten"] = true }, null, token);
        var page = new BrowserPage(browser, (string)attached["sessionId"]!);
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network"])
            await page.SendAsync($"{domain}.enable", [], token);

        var version = await page.SendAsync("Browser.getVersion", [], token);
        await page.SendAsync(
            "Network.setUserAgentOverride", new() { ["userAgent"] = (string)version["userAgent"]!, ["acceptLanguage"] = language }, token);
        await page.SendAsync("Emulation.setTimezoneOverride", new() { ["timezoneId"] = "UTC" }, token);
        await page.SendAsync(
            "Emulation.setDeviceMetricsOverride",
            new() { ["width"] = width, ["height"] = 800, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 }, token);
        var scheme = new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" };
        await page.SendAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(scheme) }, token);
        return page;
    }

    public Task<JsonNode> SendAsync(string method, JsonObject parameters, CancellationToken token) =>
        _browser.SendAsync(method, parameters, _session, token);

    public Task GoToAsync(Uri address, CancellationToken token) =>
        SendAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri }, token);

    /// <summary>The value of an expression of JavaScript.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression, CancellationToken token)
    {
        var result = await SendAsync(
            "Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true }, token);
        return result["exceptionDetails"] is { } failure
            ? throw new InvalidOperationException($"{expression}: {failure.ToJsonString()}")
            : result["result"]!["value"];
    }

    /// <summary>Waits until an expression is true.</summary>
    public Task UntilAsync(string expression, CancellationToken token) => EvaluateAsync(
        $"new Promise(done => {{ const look = () => {{ if ({expression}) done(true); else setTimeout(look, 50); }}; look(); }})", token);

    /// <summary>What a person reads.</summary>
    public async Task<string> TextAsync(CancellationToken token) => (string?)await EvaluateAsync("document.body?.innerText", token) ?? "";

    /// <summary>A picture of the whole page, left in <c>artifacts/screenshots</c> to be looked at.</summary>
    public async Task<byte[]> PictureAsync(string name, CancellationToken token)
    {
        var picture = await SendAsync("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true, ["clip"] = await ClipAsync(token) }, token);
        var bytes = Convert.FromBase64String((string)picture["data"]!);
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts/screenshots")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), bytes, token);
        return bytes;
    }

    private async Task<JsonObject> ClipAsync(CancellationToken token)
    {
        var size = await EvaluateAsync(
            "({ x: 0, y: 0, scale: 1, width: document.documentElement.clientWidth, height: document.documentElement.scrollHeight })", token);
        return size!.DeepClone().AsObject();
    }

    private void Note(string session, string method, JsonNode parameters)
    {
        if (session != _session)
            return;

        var complaint = method switch
        {
            "Runtime.exceptionThrown" => parameters["exceptionDetails"]!.ToJsonString(),
            "Runtime.consoleAPICalled" when (string?)parameters["type"] is "error" or "warning" or "assert" => parameters["args"]!.ToJsonString(),
            "Log.entryAdded" when (string?)parameters["entry"]!["level"] is "error" or "warning" => (string)parameters["entry"]!["text"]!,
            _ => null,
        };
        if (complaint is not null)
            _complaints.Enqueue(complaint);
        if (method == "Network.requestWillBeSent")
            _requests.Enqueue((string)parameters["request"]!["url"]!);
    }
}
