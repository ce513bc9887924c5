using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>What a version of NFD makes of all feature files of a folder.</summary>
public sealed record NfdFeatureFolder
{
    /// <summary>The folder's entries, in the order in which NFD reads them: by name.</summary>
    public required EquatableArray<NfdFeatureFile> Files { get; init; }

    /// <summary>The labels that the Node gets, of all files.</summary>
    public IEnumerable<Label> Labels => Files.SelectMany(file => file.Labels);

    /// <summary>Whether the Node goes without something that the files ask for.</summary>
    public bool IsLossy => Files.Any(file => file.IsLossy);

    /// <summary>
    /// Reads a folder as NFD does: by name, no folder within it, through links, and of two files with the same key the later counts. A
    /// file's right to be executed means nothing; hooks stand in another folder.
    /// </summary>
    /// <param name="path">The folder, <c>/etc/kubernetes/node-feature-discovery/features.d</c> on a node.</param>
    /// <param name="version">The version of nfd-worker and nfd-master.</param>
    /// <param name="now">When NFD reads it, which decides what has expired.</param>
    /// <param name="master">How nfd-master is set; null for its defaults.</param>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    public static NfdFeatureFolder Load(string path, NfdVersion version, DateTimeOffset now, NfdMasterOptions? master = null)
    {
        var entries = Directory.GetFileSystemEntries(path);
        Array.Sort(entries, StringComparer.Ordinal);

        var folderError = FolderEntry.FolderError(path);
        NfdFeatureFile[] files = [.. entries.Select(entry => FolderEntry.Read(entry, version, now))];
        for (var index = 0; index < files.Length && folderError is not null; index++)
        {
            if (files[index].State == NfdFileState.Read)
                files[index] = NfdFeatureFile.Refused(files[index].Name, folderError);
        }

        Override(files);
        return new NfdFeatureFolder { Files = [.. files.Select(file => file.Judged(version, master))] };
    }

    /// <summary>Later files have the last word, also where their label turns out to be illegal.</summary>
    private static void Override(NfdFeatureFile[] files)
    {
        var later = new Dictionary<string, Winner>(StringComparer.Ordinal);
        for (var index = files.Length - 1; index >= 0; index--)
        {
            NfdLine[] lines = [.. files[index].Lines];
            foreach (ref var line in lines.AsSpan())
            {
                if (line.Outcome != NfdOutcome.Label)
                    continue;

                // Within a file each key has one such line left.
                if (!later.TryAdd(line.Key!, new Winner(line, files[index].Name)) && later[line.Key!] is var winner)
                    line = line.OverriddenBy(winner.Line, $"File '{winner.File}'");
            }

            files[index] = files[index] with { Lines = [.. lines] };
        }
    }

    private sealed record Winner(NfdLine Line, string File);
}
