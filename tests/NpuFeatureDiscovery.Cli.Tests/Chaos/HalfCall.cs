using System.Net.Sockets;
using System.Text;

namespace NpuFeatureDiscovery.Cli.Tests.Chaos;

/// <summary>Clients of a plugin that leave in the middle of what they say or are told, byte by byte as no gRPC client lets one.</summary>
internal static class HalfCall
{
    private const byte Data = 0, Headers = 1, Settings = 4;
    private const byte EndStream = 1, EndHeaders = 4;

    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8];

    /// <summary>Says a part of a call, waits for a part of the answer where there is one, and leaves.</summary>
    public static async Task MakeAsync(string socketPath, Random random, CancellationToken token)
    {
        using var socket = NewSocket();
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), token);
        var call = Call(random.Next(2) == 0 ? "ListAndWatch" : "Allocate", window: random.Next(40));
        if (random.Next(2) == 0)
        {
            await socket.SendAsync(call.AsMemory(0, random.Next(call.Length)), token);
            return;
        }

        await socket.SendAsync(call, token);
        var buffer = new byte[random.Next(1, 100)];
        await socket.ReceiveAsync(buffer, token);
    }

    /// <summary>Opens connections that say nothing, until they are disposed of.</summary>
    public static IDisposable Connect(string socketPath, int count)
    {
        var connections = new Connections();
        for (var index = 0; index < count; index++)
            connections.Add(socketPath);

        return connections;
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <param name="method">The method's short name.</param>
    /// <param name="window">How many bytes of the answer the server may send: fewer than a list has.</param>
    private static byte[] Call(string method, int window) =>
    [
        .. Preface,
        .. Frame(Settings, 0, stream: 0, [0, 4, 0, 0, 0, (byte)window]), // SETTINGS_INITIAL_WINDOW_SIZE
        .. Frame(Headers, EndHeaders, stream: 1,
        [
            0x83, 0x86, // :method POST, :scheme http
            0x04, .. Literal($"/v1beta1.DevicePlugin/{method}"), // :path
            0x01, .. Literal("localhost"), // :authority
            0x0f, 0x10, .. Literal("application/grpc"), // content-type
            0x00, .. Literal("te"), .. Literal("trailers"),
        ]),
        .. Frame(Data, EndStream, stream: 1, [0, 0, 0, 0, 0]), // an empty message
    ];

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) =>
        [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    private static byte[] Literal(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private sealed class Connections : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public void Add(string socketPath)
        {
            // A server that is out of handles accepts nobody, and its backlog fills: so without waiting.
            var socket = NewSocket();
            socket.Blocking = false;
            _sockets.Add(socket);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            }
            catch (SocketException)
            {
                // The backlog is full.
            }
        }

        public void Dispose()
        {
            foreach (var socket in _sockets)
                socket.Dispose();
        }
    }
}
