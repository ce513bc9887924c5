using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Endpoint.Security;

namespace NpuFeatureDiscovery.Metrics;

/// <summary>
/// Serves <c>/metrics</c>, <c>/livez</c> and <c>/readyz</c> by HTTP/1.1, or by TLS with HTTP/2 as well, while the host runs. Added by
/// <see cref="EndpointServiceCollectionExtensions.AddNpuEndpoint"/>.
/// </summary>
public sealed partial class EndpointService : IHostedService, IDisposable
{
    /// <summary>A scraper and a kubelet keep one or two each; more would be a mistake or an attack.</summary>
    private const int MaxConnections = 256;

    /// <summary>How long a client may take for a handshake, and for the head of a request: both are a few packets.</summary>
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Less than the 30 s that a kubelet gives a Pod to end, for a client that does not read.</summary>
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    private readonly EndpointAddress _address;
    private readonly RequestHandler _handler;
    private readonly Authenticator _authenticator;
    private readonly TlsCertificate? _certificate;
    private readonly TimeProvider _timeProvider;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;
    private ServiceProvider? _tlsServices;
    private KestrelServer? _kestrel;

    internal EndpointService(
        EndpointOptions options, RequestHandler handler, Authenticator authenticator, TimeProvider timeProvider,
        ILoggerFactory loggerFactory)
    {
        (_address, _handler, _authenticator, _loggerFactory) = (options.Address!, handler, authenticator, loggerFactory);
        (_timeProvider, _logger) = (timeProvider, loggerFactory.CreateLogger<EndpointService>());
        if (options is { TlsCertificateFile: { } certificate, TlsPrivateKeyFile: { } key })
            _certificate = new TlsCertificate(certificate, key, timeProvider, loggerFactory.CreateLogger<TlsCertificate>());
    }

    /// <summary>Requests are answered on the thread that reads them: nothing that may block is run on it.</summary>
    private static SocketTransportOptions Transport => new() { UnsafePreferInlineScheduling = true };

    /// <summary>
    /// Where it listens, with the port that the system has chosen for port 0; <see langword="null"/> before it is started.
    /// </summary>
    public EndpointAddress? BoundAddress { get; private set; }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="EndpointException">
    /// The address cannot be listened at, such as one that another program has, or a file of the options cannot be used; the message
    /// says which and what to do.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _authenticator.Load();
            _certificate?.CreateOptions();
            var options = await KestrelOptionsAsync(cancellationToken);
            _kestrel = new KestrelServer(
                Options.Create(options),
                new SocketTransportFactory(Options.Create(Transport), _loggerFactory), _loggerFactory);
            await _kestrel.StartAsync(_handler, cancellationToken);
        }
        catch (EndpointFileException exception)
        {
            throw new EndpointException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new EndpointException(
                $"Metrics and health cannot be served at address '{_address}': {Reason(exception)}. "
                + "Give an address of this machine with a free port, or port 0 for any that is free.", exception);
        }

        BoundAddress = _address.WithPort(Bound(_kestrel).Port);
        LogStarted(BoundAddress);
        if (_authenticator.IsOn && _certificate is null && !IsLoopback(Bound(_kestrel)))
            LogInClear(BoundAddress);
    }

    /// <summary>Ends, after the requests that are being answered, for which it waits 5 seconds at most.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_kestrel is null)
            return;

        using var deadline = new CancellationTokenSource(StopDeadline, _timeProvider);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await _kestrel.StopAsync(ending.Token);
    }

    /// <summary>Ends at once.</summary>
    public void Dispose()
    {
        _kestrel?.Dispose();
        _tlsServices?.Dispose();
    }

    private async Task<KestrelServerOptions> KestrelOptionsAsync(CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            Limits =
            {
                MaxConcurrentConnections = MaxConnections,
                MaxRequestBodySize = 0,
                MaxResponseBufferSize = RequestHandler.ChunkSize,
                // More than Prometheus needs to get the metrics of 16 cards in its 10 s.
                MinResponseDataRate = new MinDataRate(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(5)),
                MaxRequestHeaderCount = 64,
                MaxRequestHeadersTotalSize = 16 * 1024,
                MaxRequestLineSize = 4 * 1024,
                RequestHeadersTimeout = HeadTimeout,
                // Longer than the usual interval of scrapes, so that a scraper keeps its connection.
                KeepAliveTimeout = TimeSpan.FromMinutes(2),
            },
        };
        if (_certificate is not null)
            options.ApplicationServices = _tlsServices = KestrelServices.Create(_loggerFactory);
        if (_address.Host is null)
            options.ListenAnyIP(_address.Port, Configure);
        else
            options.Listen(await ResolveAsync(_address.Host, cancellationToken), _address.Port, Configure);

        return options;
    }

    private void Configure(ListenOptions listen)
    {
        listen.Protocols = _certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        // Files of credentials and certificates are read when they change, and a handshake takes its time.
        if (_certificate is null && !_authenticator.IsOn)
            listen.Use(next => connection => SocketThread.ServeAsync(connection, next));
        if (_certificate is not { } certificate)
            return;

        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HeadTimeout,
            // At each handshake, so that a renewed certificate counts from the next connection on.
            OnConnection = _ => ValueTask.FromResult(certificate.CreateOptions()),
        });
    }

    /// <summary>Of a name with several addresses the first, IPv4 before IPv6.</summary>
    private static async Task<IPAddress> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        return Array.Find(addresses, address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
    }

    private static BindingAddress Bound(KestrelServer kestrel) =>
        BindingAddress.Parse(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static bool IsLoopback(BindingAddress bound) => IPAddress.TryParse(bound.Host, out var address) && IPAddress.IsLoopback(address);

    private static string Reason(Exception exception) => exception switch
    {
        // Kestrel's own sentence repeats the address.
        { InnerException: { } cause } => Reason(cause),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "another program listens there",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "this machine has no such address",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            "no address is found for this name",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "this user may not listen at this port",
        _ => exception.Message.TrimEnd('.'),
    };

    [LoggerMessage(1, LogLevel.Information, "Serving /metrics, /livez and /readyz at {Address}", EventName = "Started")]
    private partial void LogStarted(EndpointAddress address);

    [LoggerMessage(
        2, LogLevel.Warning,
        "Credentials come to {Address} in the clear: give a certificate and its key for TLS, or listen at 127.0.0.1",
        EventName = "InClear")]
    private partial void LogInClear(EndpointAddress address);
}
