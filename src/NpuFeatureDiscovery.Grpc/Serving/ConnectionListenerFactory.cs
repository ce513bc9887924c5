using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>What Kestrel makes its listener by.</summary>
internal sealed class ConnectionListenerFactory(ListenSocket socket, TimeProvider timeProvider, ILogger logger) : IConnectionListenerFactory
{
    private const int Backlog = 512;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var bound = socket.Bind(endpoint);
        bound.Listen(Backlog);
        return ValueTask.FromResult<IConnectionListener>(new ConnectionListener(bound, endpoint, timeProvider, logger));
    }
}
