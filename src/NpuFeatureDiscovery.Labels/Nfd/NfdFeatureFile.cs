using System.Text;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>What a version of NFD makes of a feature file.</summary>
/// <remarks>
/// https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/customization-guide.html#local-feature-source; what the
/// versions do differently is in their sources (<c>source/local/local.go</c>, <c>pkg/nfd-worker</c>, <c>pkg/nfd-master</c>).
/// </remarks>
public sealed record NfdFeatureFile
{
    /// <summary>The file's name, which comes before keys without <c>/</c> in NFD before 0.10.</summary>
    public required string Name { get; init; }

    /// <summary>Whether NFD reads the file at all.</summary>
    public required NfdFileState State { get; init; }

    /// <summary>Why it does not, and what to do; null where it does.</summary>
    public string? Reason { get; init; }

    /// <summary>All lines, in their order; none of a file that is not read.</summary>
    public EquatableArray<NfdLine> Lines { get; init; } = [];

    /// <summary>The labels that the Node gets of it.</summary>
    public IEnumerable<Label> Labels =>
        Lines.Where(line => line.Outcome == NfdOutcome.Label).Select(line => Label.Create(line.Key!, line.Value!));

    /// <summary>Whether the Node goes without something that the file asks for.</summary>
    public bool IsLossy => State == NfdFileState.Refused || Lines.Any(line => line.IsLost);

    /// <summary>Says what NFD does with each line of a text.</summary>
    /// <param name="text">The file's text. A byte order mark is a character of it, as it is for NFD.</param>
    /// <param name="version">The version of nfd-worker and nfd-master.</param>
    /// <param name="now">When NFD reads it, which decides what has expired.</param>
    /// <param name="master">How nfd-master is set; null for its defaults.</param>
    /// <param name="name">The name of the file.</param>
    public static NfdFeatureFile Parse(
        string text, NfdVersion version, DateTimeOffset now, NfdMasterOptions? master = null, string name = "features") =>
        Read(name, Encoding.UTF8.GetByteCount(text), () => text, version, now).Judged(version, master);

    /// <summary>Says what NFD does with a file, as if it stood in its folder: name, size and mode count.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="version">The version of nfd-worker and nfd-master.</param>
    /// <param name="now">When NFD reads it, which decides what has expired.</param>
    /// <param name="master">How nfd-master is set; null for its defaults.</param>
    /// <exception cref="IOException">It is not there, cannot be read, or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    public static NfdFeatureFile Load(string path, NfdVersion version, DateTimeOffset now, NfdMasterOptions? master = null) =>
        FolderEntry.Load(path, version, now).Judged(version, master);

    internal static NfdFeatureFile Read(string name, long size, Func<string> readText, NfdVersion version, DateTimeOffset now) =>
        size > version.MaxFileSize
            ? Refused(
                name, $"It has {size} bytes, and NFD {version} reads at most {version.MaxFileSize}: publish fewer labels, or in more files.")
            : new NfdFeatureFile
            {
                Name = name,
                State = NfdFileState.Read,
                Lines = [.. FeatureLineReader.Read(readText(), name, version, now)],
            };

    internal static NfdFeatureFile Refused(string name, string reason) =>
        new() { Name = name, State = NfdFileState.Refused, Reason = reason };

    internal static NfdFeatureFile Skipped(string name, string reason) =>
        new() { Name = name, State = NfdFileState.Skipped, Reason = reason };

    internal NfdFeatureFile Judged(NfdVersion version, NfdMasterOptions? master)
    {
        var judge = new LabelJudge(version, master ?? new NfdMasterOptions());
        return this with { Lines = [.. Lines.Select(judge.Judge)] };
    }
}
