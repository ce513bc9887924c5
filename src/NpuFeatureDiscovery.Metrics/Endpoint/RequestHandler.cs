using System.Buffers;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NpuFeatureDiscovery.Metrics.Endpoint.Health;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>What Kestrel hands its requests to.</summary>
internal sealed class RequestHandler(MetricsReader metrics, HealthProbes probes) : IHttpApplication<HttpContext>
{
    private const string PlainText = "text/plain; charset=utf-8";
    private const string NotAllowed = "This path can be read only: use GET or HEAD.\n";
    private const string NotFound = "Nothing is here. The paths are:\n/livez\n/metrics\n/readyz\n";

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
        switch (context.Request.Path.Value)
        {
            case "/metrics" when IsRead(context.Request):
                await ShowMetricsAsync(context);
                break;
            case "/livez" when IsRead(context.Request):
                await ShowHealthAsync(context, HealthCheckTags.Live, isBrief: true);
                break;
            case "/readyz" when IsRead(context.Request):
                await ShowHealthAsync(context, HealthCheckTags.Ready, isBrief: false);
                break;
            case "/metrics" or "/livez" or "/readyz":
                context.Response.Headers.Allow = "GET, HEAD";
                await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, NotAllowed);
                break;
            default:
                await RefuseAsync(context, StatusCodes.Status404NotFound, NotFound);
                break;
        }
    }

    private async Task ShowMetricsAsync(HttpContext context)
    {
        var families = await metrics.ReadAsync(context.RequestAborted);
        var format = Accepted.Format(context.Request.Headers);
        var text = new ArrayBufferWriter<byte>();
        format.Write(text, families);
        var body = text.WrittenMemory;
        if (Accepted.Gzip(context.Request.Headers))
        {
            body = Compress(body.Span);
            context.Response.Headers.ContentEncoding = "gzip";
        }

        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        await WriteAsync(context, format.ContentType, body);
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

    private static Task RefuseAsync(HttpContext context, int statusCode, string text)
    {
        context.Response.StatusCode = statusCode;
        return WriteAsync(context, PlainText, Encoding.UTF8.GetBytes(text));
    }

    private static async Task WriteAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static byte[] Compress(ReadOnlySpan<byte> text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(text);

        return compressed.ToArray();
    }
}
