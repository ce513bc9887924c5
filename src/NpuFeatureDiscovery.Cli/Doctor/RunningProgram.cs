using System.Net.Http.Headers;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>Reads what a running program of ours serves.</summary>
internal sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>Larger than any /metrics of ours, and small enough to be given away.</summary>
    private const int MaxAnswerSize = 16 << 20;

    private readonly TimeProvider _timeProvider;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        MaxResponseContentBufferSize = MaxAnswerSize,
    };

    /// <param name="address">Where it serves; without a host, this machine.</param>
    /// <param name="timeProvider">The clock of the deadline.</param>
    public RunningProgram(EndpointAddress address, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        var host = address.Host ?? "127.0.0.1";
        Address = $"http://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{address.Port}";
    }

    /// <summary>The address as that of a web page.</summary>
    public string Address { get; }

    /// <summary>What /readyz says, as JSON.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="TimeoutException">Nobody answers in time.</exception>
    public Task<string> ReadReadyAsync(CancellationToken cancellationToken) =>
        ReadAsync("/readyz", "application/json", cancellationToken);

    /// <summary>What /status.json of an agent says, with its last warnings and errors; of another program, that it has none.</summary>
    /// <inheritdoc cref="ReadReadyAsync"/>
    public Task<string> ReadStatusAsync(CancellationToken cancellationToken) =>
        ReadAsync("/status.json", "application/json", cancellationToken);

    /// <summary>What /metrics says, as Prometheus' text; who is not allowed to see it reads why.</summary>
    /// <inheritdoc cref="ReadReadyAsync"/>
    public Task<string> ReadMetricsAsync(CancellationToken cancellationToken) =>
        ReadAsync("/metrics", "text/plain", cancellationToken);

    public void Dispose() => _client.Dispose();

    private async Task<string> ReadAsync(string path, string mediaType, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address + path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        try
        {
            // Not ready is an answer as well.
            using var response = await _client.SendAsync(request, linked.Token);
            return await response.Content.ReadAsStringAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"There is no answer within {Deadline.TotalSeconds:0} s.");
        }
    }
}
