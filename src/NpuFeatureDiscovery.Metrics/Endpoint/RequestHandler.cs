using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using NpuFeatureDiscovery.Metrics.Endpoint.Health;
using NpuFeatureDiscovery.Metrics.Endpoint.Security;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>What Kestrel hands its requests to.</summary>
internal sealed class RequestHandler(
    Scrapes scrapes, HealthProbes probes, Documents documents, Authenticator authenticator, TimeProvider timeProvider)
    : IHttpApplication<HttpContext>
{
    /// <summary>What a connection has in memory of an answer, beside the answer itself.</summary>
    public const int ChunkSize = 16 * 1024;

    /// <summary>How long a client may take for an answer: as long as Prometheus waits for one by default.</summary>
    private static readonly TimeSpan WriteDeadline = TimeSpan.FromSeconds(10);

    private const string PlainText = "text/plain; charset=utf-8";
    private const string NotAllowed = "This path can be read only: use GET or HEAD.\n";
    private const string Unauthorized = "This is shown to those with credentials: send Authorization.\n";
    private const string TooMany = "Clients that read slowly take the memory for this answer: try again in some seconds.\n";
    private const string TooLong = "This could not be put together in time: try again.\n";

    private volatile AcceptedFormat? _lastFormat;
    private readonly string _notFound = "Nothing is here. The paths are:\n" + string.Concat(
        documents.Paths.Concat(["/livez", "/metrics", "/readyz"]).Order(StringComparer.Ordinal).Select(path => path + "\n"));

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var document = documents.Find(context.Request.Path.Value);
        switch (context.Request.Path.Value)
        {
            case not ("/metrics" or "/livez" or "/readyz") when document is null:
                await RefuseAsync(context, StatusCodes.Status404NotFound, _notFound);
                break;
            case not ("/livez" or "/readyz") when !authenticator.Allows(context.Request.Headers):
                context.Response.Headers.WWWAuthenticate = authenticator.Challenges;
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, Unauthorized);
                break;
            case not null when !IsRead(context.Request):
                context.Response.Headers.Allow = "GET, HEAD";
                await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, NotAllowed);
                break;
            case "/metrics":
                await ShowMetricsAsync(context);
                break;
            case "/livez":
                await ShowHealthAsync(context, HealthCheckTags.Live, isBrief: true);
                break;
            case "/readyz":
                await ShowHealthAsync(context, HealthCheckTags.Ready, isBrief: false);
                break;
            default:
                await ShowDocumentAsync(context, document!);
                break;
        }
    }

    private async Task ShowMetricsAsync(HttpContext context)
    {
        var format = FormatFor(context.Request.Headers);
        var gzip = Accepted.Gzip(context.Request.Headers);
        Scrape? scrape;
        try
        {
            scrape = await scrapes.TakeAsync(format, gzip, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, TooLong);
            return;
        }

        if (scrape is null)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, TooMany);
            return;
        }

        try
        {
            if (gzip)
                context.Response.Headers.ContentEncoding = "gzip";

            context.Response.Headers.Vary = "Accept, Accept-Encoding";
            await WriteAsync(context, format.ContentType, scrape.Text);
        }
        finally
        {
            scrapes.GiveBack(scrape);
        }
    }

    private MetricsFormat FormatFor(IHeaderDictionary headers)
    {
        // A scraper says the same each time.
        if (_lastFormat is { } last && last.Accept == headers.Accept)
            return last.Format;

        var format = Accepted.Format(headers);
        _lastFormat = new AcceptedFormat(headers.Accept, format);
        return format;
    }

    private async Task ShowDocumentAsync(HttpContext context, ServedDocument document)
    {
        ReadOnlyMemory<byte> body;
        try
        {
            body = await document.CreateAsync(context.RequestAborted);
        }
        catch (TimeoutException)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, TooLong);
            return;
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = document.ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        await WriteAsync(context, document.ContentType, body);
    }

    /// <param name="context">The request.</param>
    /// <param name="tag">The tag of the checks that are run.</param>
    /// <param name="isBrief">Whether the checks are listed only where one fails.</param>
    private async Task ShowHealthAsync(HttpContext context, string tag, bool isBrief)
    {
        var report = await probes.RunAsync(tag, context.RequestAborted);
        context.Response.StatusCode = report.HasPassed ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        if (Accepted.Json(context.Request.Headers))
            await WriteAsync(context, "application/json", report.ToJson());
        else if (report.HasPassed && (isBrief || report.Checks.Count == 0))
            await WriteAsync(context, PlainText, "ok\n"u8.ToArray());
        else
            await WriteAsync(context, PlainText, Encoding.UTF8.GetBytes(report.ToText()));
    }

    private Task RefuseAsync(HttpContext context, int statusCode, string text)
    {
        context.Response.StatusCode = statusCode;
        return WriteAsync(context, PlainText, Encoding.UTF8.GetBytes(text));
    }

    private async Task WriteAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = contentType;
        // Text of others in it, such as a reason of /readyz, is never taken for a page.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return;

        using var deadline = new CancellationTokenSource(WriteDeadline, timeProvider);
        using var abort = deadline.Token.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context);
        // Kestrel copies what it is given at once, and only then waits for the client.
        for (var rest = body; !rest.IsEmpty; rest = rest[Math.Min(ChunkSize, rest.Length)..])
            await context.Response.Body.WriteAsync(rest[..Math.Min(ChunkSize, rest.Length)], context.RequestAborted);
    }

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private sealed record AcceptedFormat(StringValues Accept, MetricsFormat Format);
}
