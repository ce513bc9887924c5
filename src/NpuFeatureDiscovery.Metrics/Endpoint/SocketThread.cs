using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>The thread on which .NET waits for the events of all sockets of the process.</summary>
internal static class SocketThread
{
    /// <summary>
    /// Lets requests of a connection begin on this thread, sooner than a thread of the pool is woken: of the time of a scrape of one
    /// card that is a tenth. Nothing that may block can be run on it.
    /// </summary>
    /// <remarks>
    /// .NET can be told so for a process alone, by DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS, which would include the sockets of
    /// those who do block; for one socket it has a property that is not public.
    /// </remarks>
    public static Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is { } feature)
            TryPrefer(feature.Socket.SafeHandle);

        return next(connection);
    }

    /// <returns>Whether this .NET has the property; without it the thread is one of the pool.</returns>
    internal static bool TryPrefer(SafeSocketHandle socket)
    {
        try
        {
            SetPreferInlineCompletions(socket, true);
            return true;
        }
        catch (MissingMethodException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_PreferInlineCompletions")]
    private static extern void SetPreferInlineCompletions(SafeSocketHandle socket, bool value);
}
