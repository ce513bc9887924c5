using System.Net.Sockets;
using System.Text;

namespace NpuFeatureDiscovery.Grpc.Wire;

/// <summary>The rule for paths of Unix sockets.</summary>
internal static class SocketPath
{
    /// <summary>sockaddr_un has room for 108 bytes, of which the last is the terminating zero: unix(7).</summary>
    private const int MaxBytes = 107;

    public static UnixDomainSocketEndPoint ToEndPoint(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes <= MaxBytes
            ? new UnixDomainSocketEndPoint(path)
            : throw new ArgumentException(
                $"The socket path '{path}' has {bytes} bytes; Linux allows a socket path of at most {MaxBytes} bytes.");
    }
}
