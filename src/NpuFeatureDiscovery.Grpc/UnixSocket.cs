using System.Net.Sockets;

namespace NpuFeatureDiscovery.Grpc;

/// <summary>What can be told of a socket in the file system from outside.</summary>
public static class UnixSocket
{
    /// <summary>What open(2) says of a socket.</summary>
    private const int ENXIO = 6;

    /// <summary>How .NET calls ENOENT.</summary>
    private const SocketError SocketErrorOfNoFile = SocketError.AddressNotAvailable;

    /// <summary>Whether there is a socket, whoever listens at it.</summary>
    /// <param name="path">The path of any file, or of none.</param>
    /// <exception cref="UnauthorizedAccessException">The path may not be looked at.</exception>
    public static bool Exists(string path)
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

    /// <summary>Whether somebody listens at it; also where that cannot be found out.</summary>
    /// <param name="path">The path of a socket, of at most 107 bytes.</param>
    /// <exception cref="ArgumentException">The path is too long.</exception>
    public static bool IsServed(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // One whose backlog is full lives as well, and a blocking connect(2) would wait for it.
        probe.Blocking = false;
        try
        {
            probe.Connect(Wire.SocketPath.ToEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is not (SocketError.ConnectionRefused or SocketErrorOfNoFile);
        }
    }
}
