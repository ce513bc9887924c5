using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>
/// Accepts as Kestrel's own listener does, but leaves the process its last handles, which the runtime needs for its threads and ends
/// the process where it finds none; and where an accept fails it waits before the next, which Kestrel's does not, and so keeps a core
/// busy.
/// </summary>
internal sealed partial class ConnectionListener(Socket socket, EndPoint endPoint, TimeProvider timeProvider, ILogger logger)
    : IConnectionListener
{
    /// <summary>Who waits meanwhile is in the socket's backlog.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly SocketConnectionContextFactory _connections = new(new SocketConnectionFactoryOptions(), logger);
    private readonly CancellationTokenSource _closed = new();
    private bool _isFailing;

    public EndPoint EndPoint => endPoint;

    /// <returns>Null where it was closed.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var accepted = await socket.AcceptAsync(_closed.Token);
                if (!HandleLimit.IsNear(accepted.SafeHandle))
                {
                    _isFailing = false;
                    return _connections.Create(accepted);
                }

                accepted.Dispose();
                NoteFailure("the process' limit of open files (ulimit -n) is near");
            }
            catch (Exception exception) when (_closed.IsCancellationRequested
                && exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return null;
            }
            catch (SocketException exception)
            {
                NoteFailure(exception.Message);
                await Task.Delay(Pause, timeProvider, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _closed.CancelAsync();
        socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync(CancellationToken.None);
        _connections.Dispose();
    }

    private void NoteFailure(string reason)
    {
        if (!_isFailing)
            LogNotAccepting($"{endPoint}", reason);

        _isFailing = true;
    }

    [LoggerMessage(
        1, LogLevel.Warning, "No connection is accepted at '{Socket}': {Reason}; trying again until it works", EventName = "NotAccepting")]
    private partial void LogNotAccepting(string socket, string reason);
}
