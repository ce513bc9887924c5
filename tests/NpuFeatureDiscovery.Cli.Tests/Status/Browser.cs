using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Status;

/// <summary>A Chromium without a window, by its DevTools protocol: https://chromedevtools.github.io/devtools-protocol/.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Listening = "DevTools listening on ";

    private readonly TemporaryFolder _profile;
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _answers = new();
    private Task _receiving = Task.CompletedTask;
    private Task _log = Task.CompletedTask;
    private int _lastId;

    private Browser(TemporaryFolder profile, Process process) => (_profile, _process) = (profile, process);

    /// <summary>What a page tells: the session, the event and its parameters.</summary>
    public event Action<string, string, JsonNode>? Told;

    private static string? Path => ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"])
        .FirstOrDefault(File.Exists);

    public static void IgnoreWhereMissing()
    {
        if (Path is null)
            Assert.Ignore("Needs a browser: 'apt-get install --no-install-recommends chromium'.");
    }

    public static async Task<Browser> StartAsync(CancellationToken token)
    {
        var profile = new TemporaryFolder();
        // Root has no sandbox; it shows nothing but our own page.
        var process = Process.Start(new ProcessStartInfo(
            Path!,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                "--remote-debugging-port=0", $"--user-data-dir={profile.Path}", "about:blank",
            ])
        {
            RedirectStandardError = true,
        })!;
        var browser = new Browser(profile, process);
        try
        {
            await browser.ConnectAsync(token);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command, and gives its result.</summary>
    public async Task<JsonNode> SendAsync(string method, JsonObject parameters, string? session, CancellationToken token)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _answers[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null)
            message["sessionId"] = session;

        await _sending.WaitAsync(token);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, token);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(token);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _log.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _profile.Dispose();
        _ending.Dispose();
        _sending.Dispose();
    }

    private async Task ConnectAsync(CancellationToken token)
    {
        var log = new StringBuilder();
        while (await _process.StandardError.ReadLineAsync(token) is { } line)
        {
            log.AppendLine(line);
            if (!line.StartsWith(Listening, StringComparison.Ordinal))
                continue;

            // So that it need not wait for somebody to read it.
            _log = _process.StandardError.ReadToEndAsync(_ending.Token);
            await _socket.ConnectAsync(new Uri(line[Listening.Length..]), token);
            _receiving = ReceiveAsync();
            return;
        }

        throw new InvalidOperationException($"'{Path}' ended at its start. It said: {log}");
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _ending.Token);
            message.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
                continue;

            var node = JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!;
            message.SetLength(0);
            if (node["id"] is null)
                Told?.Invoke((string?)node["sessionId"] ?? "", (string)node["method"]!, node["params"]!);
            else if (_answers.TryRemove((int)node["id"]!, out var answer))
            {
                if (node["error"] is { } error)
                    answer.SetException(new InvalidOperationException(error.ToJsonString()));
                else
                    answer.SetResult(node["result"]!);
            }
        }
    }
}
