using System.Runtime.InteropServices;
using System.Text;

namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>What nfd-worker makes of an entry of its folder before it looks at the lines.</summary>
internal static class FolderEntry
{
    private const int FileType = 0xF000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG
    private const int Folder = 0x4000; // S_IFDIR
    private const FileFields Wanted = FileFields.TypeAndMode | FileFields.OwnerAndGroup | FileFields.Size;

    private const int ReadBit = 4;
    private const int SearchBit = 1;

    /// <summary>User and group of nfd-worker's image, since 0.8.</summary>
    private const uint Nobody = 65534;

    /// <summary>An entry that the folder was asked for by nobody: whatever it is, there is an answer.</summary>
    public static NfdFeatureFile Read(string path, NfdVersion version, DateTimeOffset now)
    {
        var name = Path.GetFileName(path);
        if (version.SkipsDotFiles && name.StartsWith('.'))
            return NfdFeatureFile.Skipped(name, $"NFD {version} passes over names that begin with '.'.");

        try
        {
            var error = FileStatus.Of(path, Wanted, out var status);
            if (error != 0)
                return NfdFeatureFile.Refused(name, $"It cannot be read: {Marshal.GetPInvokeErrorMessage(error)}.");

            return IsRegular(status)
                ? ReadFile(path, status, version, now)
                : NfdFeatureFile.Skipped(name, "It is no regular file, nor a link to one.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return NfdFeatureFile.Refused(name, $"It cannot be read here: {exception.Message}");
        }
    }

    /// <summary>A file that is asked for by its name.</summary>
    public static NfdFeatureFile Load(string path, NfdVersion version, DateTimeOffset now)
    {
        var error = FileStatus.Of(path, Wanted, out var status);
        if (error != 0)
            throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}.");
        if (!IsRegular(status))
            throw new IOException("It is no regular file.");

        var name = Path.GetFileName(path);
        return version.SkipsDotFiles && name.StartsWith('.')
            ? NfdFeatureFile.Refused(name, $"NFD {version} passes over names that begin with '.': rename it.")
            : ReadFile(path, status, version, now);
    }

    /// <summary>Why nfd-worker's user cannot read a folder; null where it can, or where there is none.</summary>
    public static string? FolderError(string path) =>
        FileStatus.Of(path, Wanted, out var status) != 0 || (status.Mode & FileType) != Folder || Allows(status, ReadBit | SearchBit)
            ? null
            : $"nfd-worker's user {Nobody} may not read its folder: set its mode to 0755.";

    private static NfdFeatureFile ReadFile(string path, FileStatus status, NfdVersion version, DateTimeOffset now)
    {
        var name = Path.GetFileName(path);
        if (!Allows(status, ReadBit))
            return NfdFeatureFile.Refused(name, $"nfd-worker's user {Nobody} may not read it: set its mode to 0644.");

        var size = version.MeasuresLinks && FileStatus.OfLink(path, Wanted, out var link) == 0 ? link.Size : status.Size;
        return NfdFeatureFile.Read(name, (long)size, () => Encoding.UTF8.GetString(File.ReadAllBytes(path)), version, now);
    }

    private static bool IsRegular(FileStatus status) => (status.Mode & FileType) == RegularFile;

    /// <summary>Whether nfd-worker's user has these rights, which the bits of one class alone decide.</summary>
    private static bool Allows(FileStatus status, int rights)
    {
        var shift = status.Owner == Nobody ? 6 : status.Group == Nobody ? 3 : 0;
        return ((status.Mode >> shift) & rights) == rights;
    }
}
