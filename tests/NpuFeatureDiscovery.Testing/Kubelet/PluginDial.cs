using System.Net.Sockets;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>
/// A kubelet's blocking dial: tries again until somebody at the socket speaks HTTP/2, but for no longer than ten seconds.
/// </summary>
internal static class PluginDial
{
    private const byte SettingsFrame = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The client's preface and an empty SETTINGS frame (RFC 9113, section 3.4).</summary>
    private static readonly byte[] Hello = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];

    /// <exception cref="TimeoutException">Nobody did.</exception>
    public static async Task RunAsync(
        string socketPath, TimeProvider timeProvider, Action<string> log, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // The back-off of grpc-go, without its jitter.
            for (var wait = TimeSpan.FromSeconds(1); await TryAsync(socketPath, ended.Token) is { } failure; wait *= 1.6)
            {
                var waiting = Task.Delay(wait, timeProvider, ended.Token);
                log($"The dial of '{socketPath}' failed and is tried again in {wait.TotalSeconds:0.#} s: {failure}");
                await waiting;
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The dial of '{socketPath}' failed: no answer within {Limit.TotalSeconds} s.", exception);
        }
    }

    private static async Task<string?> TryAsync(string socketPath, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Hello, cancellationToken);
            var header = new byte[9];
            await stream.ReadExactlyAsync(header, cancellationToken);
            return header[3] == SettingsFrame ? null : "It does not speak HTTP/2.";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return exception.Message;
        }
    }
}
