using Google.Protobuf;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>One method of a server: reads its request, runs its handler and writes what that gives.</summary>
internal abstract class ServerMethod
{
    /// <summary>
    /// Streams may be endless, so that a server that stops must end them; other calls are waited for.
    /// </summary>
    public abstract bool EndsWithServer { get; }

    public abstract Task InvokeAsync(ServerExchange exchange, GrpcCallContext context);
}

internal sealed class UnaryMethod<TRequest, TResponse>(
    MessageParser<TRequest> parser, Func<TRequest, GrpcCallContext, Task<TResponse>> handler) : ServerMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithServer => false;

    public override async Task InvokeAsync(ServerExchange exchange, GrpcCallContext context)
    {
        var request = await exchange.ReadRequestAsync(parser, context.CancellationToken);
        var response = await handler(request, context);
        // An answer after the deadline is none.
        context.CancellationToken.ThrowIfCancellationRequested();
        exchange.Write(response);
    }
}

internal sealed class ServerStreamingMethod<TRequest, TResponse>(
    MessageParser<TRequest> parser, Func<TRequest, GrpcCallContext, IAsyncEnumerable<TResponse>> handler) : ServerMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithServer => true;

    public override async Task InvokeAsync(ServerExchange exchange, GrpcCallContext context)
    {
        var request = await exchange.ReadRequestAsync(parser, context.CancellationToken);
        // The first message may be long in coming, and clients wait for the headers to know that the stream stands.
        await exchange.FlushAsync(context.CancellationToken);
        await foreach (var response in handler(request, context).WithCancellation(context.CancellationToken))
        {
            exchange.Write(response);
            await exchange.FlushAsync(context.CancellationToken);
        }
    }
}
