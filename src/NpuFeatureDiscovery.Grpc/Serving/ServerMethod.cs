using Google.Protobuf;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>One method of a server: reads its request, runs its handler and writes what that gives.</summary>
internal abstract class ServerMethod
{
    /// <summary>
    /// Streams may be endless, so that a server that stops must end them; other calls are waited for.
    /// </summary>
    public abstract bool EndsWithServer { get; }

    /// <param name="exchange">What the client sends and gets.</param>
    /// <param name="context">What the handler is told.</param>
    /// <param name="onLateFailure">Told of a handler that was left behind at the end of its call and fails then.</param>
    public abstract Task InvokeAsync(ServerExchange exchange, GrpcCallContext context, Action<Exception> onLateFailure);
}

internal sealed class UnaryMethod<TRequest, TResponse>(
    MessageParser<TRequest> parser, Func<TRequest, GrpcCallContext, Task<TResponse>> handler) : ServerMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithServer => false;

    public override async Task InvokeAsync(
        ServerExchange exchange, GrpcCallContext context, Action<Exception> onLateFailure)
    {
        var request = await exchange.ReadRequestAsync(parser, context.CancellationToken);
        // Not on this thread: a handler may block it for longer than the client waits.
        var answer = Task.Run(() => handler(request, context), CancellationToken.None);
        var response = await WaitAsync(answer, onLateFailure, context.CancellationToken);
        // An answer after the deadline is none.
        context.CancellationToken.ThrowIfCancellationRequested();
        exchange.Write(response);
    }

    /// <summary>Waits for the answer as long as anybody else does.</summary>
    private static async Task<TResponse> WaitAsync(
        Task<TResponse> answer, Action<Exception> onLateFailure, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!answer.IsCompleted)
        {
            // Runs if it fails; that it heeds the token, if late, is no failure.
            _ = answer.ContinueWith(
                failed => onLateFailure(failed.Exception!.InnerException!), CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }
}

internal sealed class ServerStreamingMethod<TRequest, TResponse>(
    MessageParser<TRequest> parser, Func<TRequest, GrpcCallContext, IAsyncEnumerable<TResponse>> handler) : ServerMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override bool EndsWithServer => true;

    public override async Task InvokeAsync(
        ServerExchange exchange, GrpcCallContext context, Action<Exception> onLateFailure)
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
