using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>Makes the socket file of a server.</summary>
internal static class ListenSocket
{
    /// <summary>What open(2) says of a socket.</summary>
    private const int ENXIO = 6;

    public static Socket Bind(EndPoint endPoint, string path, UnixFileMode mode)
    {
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // bind(2) makes the file with the mode of the unbound socket, less the umask: so it is never open to more.
            using (var handle = new SafeFileHandle(socket.Handle, ownsHandle: false))
                File.SetUnixFileMode(handle, mode);

            socket.Bind(endPoint);
            File.SetUnixFileMode(path, mode);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"The socket '{path}' cannot be made: {exception.Message}.", exception);
        }
    }

    /// <summary>A server that was killed leaves its file behind, and bind(2) refuses a name that is taken.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;

        if (!IsSocket(path))
            throw new IOException($"'{path}' exists and is not a socket; it is left alone.");

        if (IsLive(path))
            throw new IOException($"Another process listens at the socket '{path}'.");

        File.Delete(path);
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // For writing as well: to open a FIFO for reading alone would wait for a writer.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult == ENXIO;
        }
    }

    private static bool IsLive(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // One whose backlog is full lives as well, and a blocking connect(2) would wait for it.
        probe.Blocking = false;
        try
        {
            probe.Connect(SocketPath.ToEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is not SocketError.ConnectionRefused;
        }
    }
}
