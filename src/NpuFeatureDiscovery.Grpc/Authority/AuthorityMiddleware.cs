using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace NpuFeatureDiscovery.Grpc.Authority;

/// <summary>
/// Empties the <c>:authority</c> of every request before Kestrel sees it. At a Unix socket it means nothing, yet
/// clients send the socket's path in it, such as kubelets before 1.26, and Kestrel resets a stream whose authority is
/// not a host's name: https://github.com/dotnet/aspnetcore/issues/47043.
/// </summary>
internal static class AuthorityMiddleware
{
    // Inline, as between the socket and Kestrel without the middleware.
    private static readonly PipeOptions Options = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.ThreadPool,
        useSynchronizationContext: false);

    public static ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        var transport = connection.Transport;
        var requests = new Pipe(Options);
        connection.Transport = new Transport(requests.Reader, transport.Output);
        var rewriting = RewriteAsync(transport.Input, requests.Writer);
        try
        {
            await next(connection);
        }
        finally
        {
            await requests.Reader.CompleteAsync();
            transport.Input.CancelPendingRead();
            await rewriting;
            connection.Transport = transport;
        }
    };

    private static async Task RewriteAsync(PipeReader input, PipeWriter output)
    {
        var rewriter = new AuthorityRewriter();
        try
        {
            while (true)
            {
                var read = await input.ReadAsync();
                foreach (var segment in read.Buffer)
                    rewriter.Process(segment.Span, output);

                input.AdvanceTo(read.Buffer.End);
                var flushed = await output.FlushAsync();
                if (read.IsCanceled || read.IsCompleted || flushed.IsCompleted)
                    break;
            }

            await output.CompleteAsync();
        }
        catch (Exception exception)
        {
            // A connection that was reset, for instance: Kestrel shall learn of it as it would without the middleware.
            await output.CompleteAsync(exception);
        }
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
