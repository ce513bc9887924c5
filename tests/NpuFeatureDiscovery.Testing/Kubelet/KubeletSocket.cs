using System.Net.Sockets;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>
/// kubelet.sock: hands its connections through to a server's socket elsewhere, so that it can be bound before anybody
/// listens, left behind dead, and cut off at once, none of which a server does by itself.
/// </summary>
internal sealed class KubeletSocket : IAsyncDisposable
{
    private readonly string _serverPath;
    private readonly Func<bool> _isHung;
    private readonly Socket _socket = NewSocket();
    private readonly CancellationTokenSource _closed = new();
    private Task _accepting = Task.CompletedTask;

    /// <summary>Binds it; who connects is refused until <see cref="Listen"/>.</summary>
    public KubeletSocket(string path, string serverPath, Func<bool> isHung)
    {
        _serverPath = serverPath;
        _isHung = isHung;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
    }

    public void Listen()
    {
        _socket.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Cuts all connections; the file is left to the caller.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _accepting;
        // Socket.Dispose would remove the file, as a process that is killed does not.
        _socket.SafeHandle.Dispose();
#pragma warning disable CA1816 // So would its finalizer, and by then the file may be the next kubelet's.
        GC.SuppressFinalize(_socket);
#pragma warning restore CA1816
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _socket.AcceptAsync(_closed.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = NewSocket();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        try
        {
            if (_isHung())
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended.Token);

            await server.ConnectAsync(new UnixDomainSocketEndPoint(_serverPath), ended.Token);
            await using var near = new NetworkStream(client);
            await using var far = new NetworkStream(server);
            var there = near.CopyToAsync(far, ended.Token);
            var back = far.CopyToAsync(near, ended.Token);
            await Task.WhenAny(there, back);
            await ended.CancelAsync();
            await Task.WhenAll(there, back);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
        {
            // One side has gone; the other learns it by the end of its connection.
        }
        finally
        {
            client.Dispose();
        }
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
