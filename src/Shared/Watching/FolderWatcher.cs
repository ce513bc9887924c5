using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery;

/// <summary>
/// Tells by inotify what comes, goes and changes in one folder. A <see cref="FileSystemWatcher"/> whose folder is deleted before it is
/// disposed of never ends: its thread stays, and its inotify instance, of which all processes of a user share 128.
/// </summary>
/// <remarks>The flags are those of https://man7.org/linux/man-pages/man7/inotify.7.html.</remarks>
internal sealed partial class FolderWatcher : IDisposable
{
    private const int CloseOnExec = 0x80000; // IN_CLOEXEC
    private const uint Names = 0x40 | 0x80 | 0x100 | 0x200; // IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE
    private const uint Content = 0x2 | 0x4; // IN_MODIFY, IN_ATTRIB
    private const uint OnlyFolder = 0x1000000; // IN_ONLYDIR
    private const uint Overflow = 0x4000; // IN_Q_OVERFLOW
    private const uint Ignored = 0x8000; // IN_IGNORED
    private const int HeaderSize = 16;
    private const int EINTR = 4;
    private const int StackSize = 256 * 1024;

    private readonly SafeFileHandle _inotify;
    private readonly int _watch;
    private readonly Action<string> _changed;
    private readonly Action _lost;
    private volatile bool _isDisposed;

    /// <param name="folder">Which; without what is below its folders.</param>
    /// <param name="tellsOfContent">False: only what comes and goes. True: also writes and changed attributes.</param>
    /// <param name="changed">Told the name of what changed.</param>
    /// <param name="lost">Told that events were lost, or that the folder went and there will be none.</param>
    /// <remarks>Both are called on a thread of its own, and not after <see cref="Dispose"/>.</remarks>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    public FolderWatcher(string folder, bool tellsOfContent, Action<string> changed, Action lost)
    {
        (_changed, _lost) = (changed, lost);
        _inotify = Open();
        try
        {
            _watch = AddWatch(_inotify, folder, (tellsOfContent ? Names | Content : Names) | OnlyFolder);
            if (_watch < 0)
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());

            new Thread(Run, StackSize) { IsBackground = true, Name = "inotify" }.Start();
        }
        catch (Exception exception)
        {
            _inotify.Dispose();
            if (exception is OutOfMemoryException)
                throw new IOException("No thread can be had. Raise the process' limit of open files (ulimit -n) or of threads.", exception);

            throw;
        }
    }

    /// <summary>Ends the thread, which closes the handle.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        try
        {
            // Fails where the folder has gone: of that the thread has been told already.
            _ = RemoveWatch(_inotify, _watch);
        }
        catch (ObjectDisposedException)
        {
            // The thread has ended.
        }
    }

    private static SafeFileHandle Open()
    {
        var handle = Init(CloseOnExec);
        return handle >= 0
            ? new SafeFileHandle(handle, ownsHandle: true)
            : throw new IOException(
                $"{Marshal.GetLastPInvokeErrorMessage()}. Raise fs.inotify.max_user_instances or the process' limit of open files (ulimit -n).");
    }

    private void Run()
    {
        using (_inotify)
        {
            var buffer = new byte[4096];
            while (true)
            {
                var length = Read(_inotify, ref buffer[0], buffer.Length);
                if (length < 0 && Marshal.GetLastPInvokeError() == EINTR)
                    continue;

                if (length <= 0 || !Tell(buffer.AsSpan(0, (int)length)))
                    break;
            }
        }

        if (!_isDisposed)
            _lost();
    }

    /// <returns>False at the end of the watch.</returns>
    private bool Tell(ReadOnlySpan<byte> events)
    {
        while (!events.IsEmpty)
        {
            var mask = MemoryMarshal.Read<uint>(events[4..]);
            if ((mask & Ignored) != 0)
                return false;

            var end = HeaderSize + MemoryMarshal.Read<int>(events[12..]);
            var name = Encoding.UTF8.GetString(events[HeaderSize..end].TrimEnd((byte)0));
            events = events[end..];
            if (_isDisposed)
                continue;

            if ((mask & Overflow) != 0)
                _lost();
            else
                _changed(name);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle inotify, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch")]
    private static partial int RemoveWatch(SafeFileHandle inotify, int watch);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle inotify, ref byte buffer, nint count);
}
