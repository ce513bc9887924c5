using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>
/// A real inotify watch on a folder, with the events that fsnotify asks for: https://man7.org/linux/man-pages/man7/inotify.7.html.
/// </summary>
internal sealed partial class InotifyFolder : IDisposable
{
    private const int CloseOnExec = 0x80000; // IN_CLOEXEC
    private const uint Mask = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200; // IN_MODIFY, ATTRIB, MOVED_FROM, MOVED_TO, CREATE, DELETE
    private const short Readable = 1; // POLLIN
    private const int HeaderSize = 16;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int _descriptor;

    public InotifyFolder(string path)
    {
        _descriptor = Check(InotifyInit(CloseOnExec));
        Check(InotifyAddWatch(_descriptor, path, Mask));
    }

    /// <summary>Waits for events.</summary>
    /// <returns>How many there are; 0 when the time was up.</returns>
    public int Wait(TimeSpan timeout)
    {
        var poll = new PollDescriptor { Descriptor = _descriptor, Events = Readable };
        if (Check(Poll(ref poll, 1, (int)Math.Max(0, timeout.TotalMilliseconds))) == 0)
            return 0;

        var length = (int)Check(Read(_descriptor, _buffer, _buffer.Length));
        var events = 0;
        for (var offset = 0; offset < length; events++)
            offset += HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(offset + 12));

        return events;
    }

    public void Dispose() => _ = Close(_descriptor);

    private static nint Check(nint result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private static int Check(int result) => (int)Check((nint)result);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int InotifyInit(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InotifyAddWatch(int descriptor, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte[] buffer, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }
}
