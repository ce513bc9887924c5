using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>
/// Replaces a file so that whoever reads it, and whoever comes after a crash or a power failure, finds the old text or the
/// new one, whole.
/// </summary>
/// <remarks>
/// The new text is written in a sub-folder and moved out of it: every NFD skips folders, but one before 0.15 reads any file
/// beside the target, a dot-file too. The watch of NFD 0.19 discards the events of the second after one that it has seen, so
/// nothing but the move itself may be seen in its folder.
/// </remarks>
/// <param name="path">The file.</param>
internal sealed partial class StagedFile(string path)
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode FolderMode = FileMode
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const int SharedLock = 1; // LOCK_SH

    private readonly string _folder = Path.GetDirectoryName(path)!;
    private readonly string _staging = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.d");

    /// <summary>The file's text; null where there is none, or not everyone may read it, as nfd-worker's user 65534 must.</summary>
    public string? Read()
    {
        var file = new FileInfo(path);
        // Without the buffers of a reader, which would take most of the memory of a pass.
        return file.Exists && file.UnixFileMode == FileMode ? Encoding.UTF8.GetString(File.ReadAllBytes(path)) : null;
    }

    /// <summary>When the file was written, which tells one writing from another, also of the same text.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(path);

    /// <returns>Whether the move is the only event in the file's folder: the first time the sub-folder is made there too.</returns>
    public bool Replace(ReadOnlySpan<byte> content)
    {
        var isOneEvent = Directory.Exists(_staging);
        Directory.CreateDirectory(_staging, FolderMode);
        var staged = Path.Combine(_staging, Path.GetRandomFileName());
        try
        {
            using var stream = NewFile.Create(staged);
            var file = stream.SafeFileHandle;
            RandomAccess.Write(file, content, fileOffset: 0);
            File.SetUnixFileMode(file, FileMode);
            RandomAccess.FlushToDisk(file);
            // From the move on others may read it: .NET programs do so only beside a shared lock.
            _ = FileLock(file, SharedLock);
            File.Move(staged, path, overwrite: true);
        }
        catch
        {
            File.Delete(staged);
            throw;
        }

        FlushFolder();
        return isOneEvent;
    }

    /// <summary>Raises an event in the file's folder, and changes nothing.</summary>
    public void Announce()
    {
        try
        {
            File.SetUnixFileMode(_staging, FolderMode);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder is gone, or somebody else's now. NFD looks once a minute all the same.
        }
    }

    public bool Delete()
    {
        if (!File.Exists(path))
            return false;

        File.Delete(path);
        FlushFolder();
        return true;
    }

    /// <summary>Deletes the sub-folder, unless someone is writing there.</summary>
    public void DeleteStaging()
    {
        DeleteLeftovers();
        if (Directory.Exists(_staging) && !Directory.EnumerateFileSystemEntries(_staging).Any())
            Directory.Delete(_staging);
    }

    /// <summary>Deletes what a crash left between the first byte and the move; a file that someone writes now is locked and stays.</summary>
    public void DeleteLeftovers()
    {
        if (!Directory.Exists(_staging))
            return;

        foreach (var leftover in Directory.EnumerateFiles(_staging))
        {
            try
            {
                using var file = File.OpenHandle(leftover, access: FileAccess.ReadWrite, share: FileShare.None);
                File.Delete(leftover);
            }
            catch (IOException)
            {
                // Another instance is writing it, or has just moved it.
            }
        }
    }

    /// <summary>Makes the folder's entries survive a power failure; a file system that cannot do it is no reason to fail.</summary>
    private void FlushFolder()
    {
        const int readOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
        var folder = Open(_folder, readOnlyCloseOnExec);
        if (folder < 0)
            return;

        _ = FileSync(folder);
        _ = Close(folder);
    }

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int FileLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
