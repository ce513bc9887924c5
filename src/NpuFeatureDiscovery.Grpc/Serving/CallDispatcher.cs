using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>
/// What Kestrel hands its requests to: finds the method, runs it and makes a status of whatever happens.
/// </summary>
internal sealed partial class CallDispatcher(
    IReadOnlyDictionary<string, ServerMethod> methods, int maxReceiveMessageSize, TimeProvider timeProvider,
    ILogger logger, CancellationToken stopping) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (RefusalOf(context.Request) is { } refusal)
        {
            context.Response.StatusCode = refusal;
            return;
        }

        var name = context.Request.Path.Value ?? "";
        var exchange = new ServerExchange(context, maxReceiveMessageSize);
        if (!methods.TryGetValue(name, out var method))
            exchange.End(GrpcStatusCode.Unimplemented, $"There is no method '{name}'.");
        else if (!TryReadTimeout(context.Request, out var timeout))
            exchange.End(GrpcStatusCode.Internal, $"The header '{GrpcHeaders.Timeout}' is malformed.");
        else
            await RunAsync(name, method, exchange, timeout, context.RequestAborted);
    }

    private async Task RunAsync(
        string name, ServerMethod method, ServerExchange exchange, TimeSpan? timeout, CancellationToken clientGone)
    {
        using var deadline = timeout is { } wait && wait <= GrpcTimeout.Longest
            ? new CancellationTokenSource(wait, timeProvider)
            : new CancellationTokenSource();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            clientGone, deadline.Token, method.EndsWithServer ? stopping : CancellationToken.None);
        var context = new GrpcCallContext(name, timeout is null ? null : DeadlineAfter(timeout.Value), ended.Token);
        var (statusCode, message) = (GrpcStatusCode.OK, "");
        try
        {
            await method.InvokeAsync(exchange, context, exception => LogFailedLate(exception, name));
        }
        catch (Exception exception)
        {
            if (clientGone.IsCancellationRequested)
                return;

            (statusCode, message) = exception switch
            {
                _ when deadline.IsCancellationRequested => (GrpcStatusCode.DeadlineExceeded, "The deadline is over."),
                GrpcException failure => (failure.StatusCode, failure.Message),
                OperationCanceledException when ended.IsCancellationRequested =>
                    (GrpcStatusCode.Unavailable, "The server is stopping."),
                _ => Unforeseen(name, exception),
            };
        }

        // Nobody reads it, and Kestrel would log a failure.
        if (!clientGone.IsCancellationRequested)
            exchange.End(statusCode, message);
    }

    private (GrpcStatusCode StatusCode, string Message) Unforeseen(string name, Exception exception)
    {
        LogFailed(exception, name);
        return (GrpcStatusCode.Unknown, "The method failed; the server's log says why.");
    }

    private static int? RefusalOf(HttpRequest request) =>
        !HttpMethods.IsPost(request.Method) ? StatusCodes.Status405MethodNotAllowed
        : !GrpcHeaders.IsGrpc(request.ContentType) ? StatusCodes.Status415UnsupportedMediaType
        : null;

    private static bool TryReadTimeout(HttpRequest request, out TimeSpan? timeout)
    {
        timeout = null;
        var header = request.Headers[GrpcHeaders.Timeout];
        if (header.Count == 0)
            return true;

        var isRead = GrpcTimeout.TryParse(header.ToString(), out var value);
        timeout = value;
        return isRead;
    }

    private DateTimeOffset DeadlineAfter(TimeSpan timeout)
    {
        var now = timeProvider.GetUtcNow();
        return timeout < DateTimeOffset.MaxValue - now ? now + timeout : DateTimeOffset.MaxValue;
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} failed", EventName = "Failed")]
    private partial void LogFailed(Exception exception, string method);

    [LoggerMessage(2, LogLevel.Warning, "{Method} failed after the end of its call", EventName = "FailedLate")]
    private partial void LogFailedLate(Exception exception, string method);
}
