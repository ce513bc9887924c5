using System.Diagnostics;
using System.Text.Json.Nodes;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Prometheus;

/// <summary>A real Prometheus at a free port of the loopback, with a folder of its own. It is ended with the test.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly TemporaryFolder _folder;
    private readonly Process _process;
    private readonly HttpClient _client = new();
    private Task _log = Task.CompletedTask;

    private PrometheusServer(TemporaryFolder folder, Process process) => (_folder, _process) = (folder, process);

    /// <summary>Starts one that works by a configuration.</summary>
    public static async Task<PrometheusServer> StartAsync(string configuration, CancellationToken token)
    {
        PromTool.IgnoreWhereMissing();
        var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("prometheus.yml"), configuration, token);
        var process = Process.Start(new ProcessStartInfo("prometheus",
        [
            $"--config.file={folder.At("prometheus.yml")}", $"--storage.tsdb.path={folder.At("data")}",
            "--web.listen-address=127.0.0.1:0",
        ])
        {
            RedirectStandardError = true,
        })!;
        var server = new PrometheusServer(folder, process);
        try
        {
            server._client.BaseAddress = new Uri($"http://{await server.WaitForAddressAsync(token)}");
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>The series that an expression gives now.</summary>
    public async Task<IReadOnlyList<PrometheusSample>> QueryAsync(string expression, CancellationToken token)
    {
        var data = await GetAsync($"query?query={Uri.EscapeDataString(expression)}", token);
        return [.. data["result"]!.AsArray().Select(sample => PrometheusSample.Of(sample!))];
    }

    /// <summary>The values that Grafana offers for a variable.</summary>
    public async Task<IReadOnlyList<string>> LabelValuesAsync(string label, string selector, CancellationToken token)
    {
        var data = await GetAsync($"label/{label}/values?match[]={Uri.EscapeDataString(selector)}", token);
        return [.. data.AsArray().Select(value => (string)value!)];
    }

    /// <summary>The rules that are loaded.</summary>
    public async Task<IReadOnlyList<PrometheusRule>> RulesAsync(CancellationToken token)
    {
        var data = await GetAsync("rules", token);
        return [.. data["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => PrometheusRule.Of(rule!))];
    }

    /// <summary>The unit that the exporter has told for a metric.</summary>
    public async Task<string?> UnitOfAsync(string metric, CancellationToken token) =>
        (string?)(await GetAsync($"metadata?metric={metric}", token))[metric]?[0]?["unit"];

    /// <summary>Waits until an expression gives what is enough.</summary>
    public async Task<IReadOnlyList<PrometheusSample>> UntilAsync(
        string expression, Func<IReadOnlyList<PrometheusSample>, bool> isEnough, CancellationToken token)
    {
        using var timer = new PeriodicTimer(PollInterval);
        IReadOnlyList<PrometheusSample> samples = [];
        try
        {
            do
                samples = await QueryAsync(expression, token);
            while (!isEnough(samples) && await timer.WaitForNextTickAsync(token));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The last that '{expression}' gave was: {string.Join("; ", samples)}.");
        }

        return samples;
    }

    /// <summary>Waits until an expression gives something.</summary>
    public Task<IReadOnlyList<PrometheusSample>> UntilAnyAsync(string expression, CancellationToken token) =>
        UntilAsync(expression, samples => samples.Count > 0, token);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();

        _log.Wait();
        _process.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    private async Task<string> WaitForAddressAsync(CancellationToken token)
    {
        const string Listening = "msg=\"Listening on\" address=";
        var log = "";
        string? address = null;
        var isReady = false;
        while (await _process.StandardError.ReadLineAsync(token) is { } line)
        {
            log += line + '\n';
            isReady |= line.Contains("Server is ready", StringComparison.Ordinal);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var index)
                address = line[(index + Listening.Length)..];

            if (isReady && address is not null)
            {
                // It would stand still once its log fills the pipe.
                _log = _process.StandardError.ReadToEndAsync(CancellationToken.None);
                return address;
            }
        }

        throw new InvalidOperationException($"Prometheus ended:\n{log}");
    }

    private async Task<JsonNode> GetAsync(string call, CancellationToken token)
    {
        using var response = await _client.GetAsync(new Uri($"/api/v1/{call}", UriKind.Relative), token);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(token))!;
        return (string?)answer["status"] == "success"
            ? answer["data"]!
            : throw new InvalidOperationException($"'{Uri.UnescapeDataString(call)}': {answer["error"]}");
    }
}
