using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NpuFeatureDiscovery.Cli.Doctor.Bundle;

/// <summary>Writes the support bundle.</summary>
internal static class BundleArchive
{
    /// <summary>Stands for standard output: a container has often no folder to write to.</summary>
    public const string StandardOutput = "-";

    /// <summary>In which an archive is unpacked.</summary>
    public const string Folder = "npu-doctor/";

    /// <summary>Names of Pods and of the machine are for whom it is given to.</summary>
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">There is such a file, or it cannot be written; then none is left.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public static async Task WriteAsync(
        string path, IReadOnlyList<BundleFile> files, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var stream = Open(path);
        try
        {
            await WriteAsync(stream, files, at, cancellationToken);
        }
        catch when (path != StandardOutput)
        {
            File.Delete(path);
            throw;
        }
    }

    private static FileStream Open(string path) => path == StandardOutput
        ? new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write)
        : NewFile.Create(path);

    private static async Task WriteAsync(
        Stream stream, IReadOnlyList<BundleFile> files, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var compressed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        await using var archive = new TarWriter(compressed, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var file in files)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(file.Text));
            await archive.WriteEntryAsync(
                new PaxTarEntry(TarEntryType.RegularFile, Folder + file.Name)
                {
                    DataStream = content,
                    Mode = OwnerOnly,
                    ModificationTime = at,
                },
                cancellationToken);
        }
    }
}
