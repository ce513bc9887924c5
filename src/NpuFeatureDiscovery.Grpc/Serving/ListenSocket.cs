using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery.Grpc.Serving;

/// <summary>Makes the socket file of a server, and removes it.</summary>
internal sealed class ListenSocket(string path, UnixFileMode mode)
{
    private FileIdentity? _file;

    /// <summary>Whether the file is there that <see cref="Bind"/> made. An open socket keeps its inode's number from being given again.</summary>
    public bool HasFile => _file is not null && FileIdentity.Of(path) == _file;

    public Socket Bind(EndPoint endPoint)
    {
        Socket? socket = null;
        try
        {
            RemoveStale();
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            // bind(2) makes the file with the mode of the unbound socket, less the umask: so it is never open to more.
            using (var handle = new SafeFileHandle(socket.Handle, ownsHandle: false))
                File.SetUnixFileMode(handle, mode);

            socket.Bind(endPoint);
            socket = WithoutClaimToFile(socket);
            _file = FileIdentity.Of(path) ?? throw new FileNotFoundException();
            File.SetUnixFileMode(path, mode);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or FileNotFoundException)
        {
            socket?.Dispose();
            _file = null;
            var reason = exception is FileNotFoundException ? "it was removed at once" : exception.Message.TrimEnd('.');
            throw new IOException($"The socket '{path}' cannot be made: {reason}.", exception);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Removes the file, unless another one has taken its place; to be called while the socket is open.</summary>
    public void RemoveFile()
    {
        try
        {
            if (HasFile)
                File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is left behind, as by a server that was killed: the next one replaces it.
        }

        _file = null;
    }

    /// <summary>
    /// A socket that was bound deletes, when it is closed, whatever file stands at its path by then. One that is made of
    /// its handle does not, and the first one must neither be closed nor finalised.
    /// </summary>
    private static Socket WithoutClaimToFile(Socket bound)
    {
        var socket = new Socket(bound.SafeHandle);
#pragma warning disable CA1816 // Not of an object's own end, but of one whose end must not come.
        GC.SuppressFinalize(bound);
#pragma warning restore CA1816
        return socket;
    }

    /// <summary>A server that was killed leaves its file behind, and bind(2) refuses a name that is taken.</summary>
    private void RemoveStale()
    {
        if (!File.Exists(path))
            return;

        if (!UnixSocket.Exists(path))
            throw new IOException($"'{path}' exists and is not a socket; it is left alone.");

        if (UnixSocket.IsServed(path))
            throw new IOException($"Another process listens at the socket '{path}'.");

        File.Delete(path);
    }
}
