using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

/// <summary>A host with an endpoint at a free port, and a client of it.</summary>
internal sealed class EndpointHost : IDisposable
{
    private readonly IHost _host;

    private EndpointHost(IHost host, LogSink log, HttpMessageHandler? handler) =>
        (_host, Log, Client) = (host, log, handler is null ? new HttpClient() : new HttpClient(handler));

    public LogSink Log { get; }

    public HttpClient Client { get; }

    public EndpointAddress Address => _host.Services.GetRequiredService<EndpointService>().BoundAddress!;

    /// <param name="token">Ends a start that hangs.</param>
    /// <param name="configure">Adds health checks and sources of metrics.</param>
    /// <param name="time">The clock of the deadlines; by default one that stands still.</param>
    /// <param name="address">Where to listen.</param>
    /// <param name="options">Changes the other options of the endpoint.</param>
    /// <param name="tls">What its certificate is checked by, where it has one.</param>
    public static async Task<EndpointHost> StartAsync(
        CancellationToken token, Action<IServiceCollection>? configure = null, TimeProvider? time = null,
        string address = "127.0.0.1:0", Action<EndpointOptions>? options = null, HttpMessageHandler? tls = null)
    {
        var log = new LogSink();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(log);
        builder.Services.AddSingleton(time ?? new ManualTimeProvider());
        builder.Services.AddNpuEndpoint(endpoint => endpoint.Address = EndpointAddress.Parse(address));
        builder.Services.Configure(options ?? (_ => { }));
        configure?.Invoke(builder.Services);
        var started = new EndpointHost(builder.Build(), log, tls);
        try
        {
            await started._host.StartAsync(token);
            started.Client.BaseAddress = new Uri($"{(tls is null ? "http" : "https")}://{(address.StartsWith(':') ? "127.0.0.1" : "")}{started.Address}");
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public Task StopAsync(CancellationToken token) => _host.StopAsync(token);

    /// <summary>The answer's status and text.</summary>
    public async Task<(int Status, string Text)> GetAsync(string path, CancellationToken token, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        using var response = await Client.SendAsync(request, token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(token));
    }

    public void Dispose()
    {
        Client.Dispose();
        _host.Dispose();
        Log.Dispose();
    }
}
