using System.Text;

namespace NpuFeatureDiscovery.Cli.Doctor.Bundle;

/// <summary>What is in a folder, with types, modes, owners, sizes and times, as <c>ls -l</c> has them; nothing is opened.</summary>
internal static class FolderListing
{
    private const int TypeShift = 12;

    /// <summary>By the types of a mode, of which the kernel has used the even ones and the first: S_IFIFO and so on.</summary>
    private const string Types = "?pc?d?b?-?l?s???";

    /// <param name="folder">The folder, which may be missing.</param>
    /// <param name="pattern">Which names are listed.</param>
    public static string Of(string folder, string pattern = "*")
    {
        try
        {
            var text = new StringBuilder($"{folder}:\n");
            var entries = Directory.GetFileSystemEntries(folder, pattern, new EnumerationOptions { AttributesToSkip = 0 });
            Array.Sort(entries, StringComparer.Ordinal);
            foreach (var entry in entries)
                text.Append(PrintableText.Of(Describe(entry))).Append('\n');

            return text.Append('\n').ToString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{folder}: {exception.Message}\n\n";
        }
    }

    private static string Describe(string path)
    {
        const FileFields fields = FileFields.TypeAndMode | FileFields.OwnerAndGroup | FileFields.Size;
        var name = Path.GetFileName(path);
        if (FileStatus.OfLink(path, fields, out var status) != 0)
            return $"? {name}";

        var target = new FileInfo(path).LinkTarget is { } link ? $" -> {link}" : "";
        var mode = $"{Types[status.Mode >> TypeShift]}{Convert.ToString(status.Mode & 0xFFF, 8).PadLeft(4, '0')}";
        return $"{mode} {status.Owner}:{status.Group} {status.Size} "
            + $"{File.GetLastWriteTimeUtc(path):yyyy-MM-dd'T'HH:mm:ss'Z'} {name}{target}";
    }
}
