using System.Net.Sockets;
using NpuFeatureDiscovery.Grpc.Authority;

namespace NpuFeatureDiscovery.Grpc.Tests.Authority;

/// <summary>A client that sends bytes and reads frames.</summary>
internal sealed class RawClient(string socketPath) : IDisposable
{
    private readonly NetworkStream _stream = Connect(socketPath);

    public async Task SendAsync(byte[] octets, CancellationToken token) => await _stream.WriteAsync(octets, token);

    /// <summary>Sends, to a server that may have closed the connection.</summary>
    public async Task TrySendAsync(byte[] octets, CancellationToken token)
    {
        try
        {
            await SendAsync(octets, token);
        }
        catch (IOException)
        {
            // The server has heard enough.
        }
    }

    public async Task SendByteByByteAsync(byte[] octets, CancellationToken token)
    {
        foreach (var octet in octets)
            await _stream.WriteAsync(new[] { octet }, token);
    }

    /// <summary>Reads until a stream has ended: whether by a message and trailers, as a call that succeeded.</summary>
    public async Task<bool> SucceedsAsync(int stream, CancellationToken token)
    {
        var hasMessage = false;
        while (await ReadFrameAsync(token) is { } frame)
        {
            hasMessage |= frame.Type == Frames.Data && frame.StreamId == stream && frame.Length > 0;
            if (frame.Type == Frames.GoAway || (frame.Type == Frames.Reset && frame.StreamId == stream))
                return false;

            if (frame.StreamId == stream && frame.Type is Frames.Headers or Frames.Data && frame.Has(Frames.EndStream))
                return hasMessage;
        }

        return false;
    }

    /// <summary>Reads to the end of the connection: the error code of its GOAWAY, if there was one.</summary>
    public async Task<int?> ReadGoAwayAsync(CancellationToken token)
    {
        int? errorCode = null;
        while (await ReadFrameAsync(token) is { } frame)
        {
            if (frame.Type == Frames.GoAway)
                errorCode = LastPayload[7];
        }

        return errorCode;
    }

    /// <summary>Says that nothing more will come.</summary>
    public void EndSending()
    {
        // A server that has closed the connection has taken it along.
        if (_stream.Socket.Connected)
            _stream.Socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => _stream.Dispose();

    private byte[] LastPayload { get; set; } = [];

    private async Task<FrameHeader?> ReadFrameAsync(CancellationToken token)
    {
        try
        {
            var header = new byte[FrameHeader.Size];
            await _stream.ReadExactlyAsync(header, token);
            var frame = FrameHeader.Read(header);
            LastPayload = new byte[frame.Length];
            await _stream.ReadExactlyAsync(LastPayload, token);
            return frame;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static NetworkStream Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new NetworkStream(socket, ownsSocket: true);
    }
}
