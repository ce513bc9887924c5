using System.Globalization;

namespace NpuFeatureDiscovery.Cli.Doctor.Published;

/// <summary>Whether our feature file is there, in force, readable by NFD and about this node's cards.</summary>
internal sealed class FeatureFileCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "feature-file";

    /// <summary>As nfd-worker's user 65534 needs it.</summary>
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>
    /// In the file's first line: https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/customization-guide.html#input-format.
    /// </summary>
    private const string ExpiryDirective = "# +expiry-time=";

    public ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Finding>>([.. FindFolder()]);

    private IEnumerable<Finding> FindFolder()
    {
        var (folder, file) = (context.Folders.Features, context.Folders.FeatureFile);
        if (!Directory.Exists(folder))
        {
            yield return new Finding(
                FindingLevel.Warning, Name, $"'{folder}' is missing, so there is no feature file.",
                "nfd-worker reads it there; labels that go to the API server do not need it.",
                context.MountRemedy(folder, isReadOnly: false, "Make the folder where labels are to be published by a file."));
            yield break;
        }

        if (FileRights.WriteError(folder) is { } error)
        {
            yield return new Finding(
                FindingLevel.Warning, Name, $"'{folder}' {error}.",
                "A label command that runs as this process does cannot publish a file there.",
                "Run as a user who may write there; in a container, see that the folder is not mounted read-only.");
        }

        if (!File.Exists(file))
        {
            yield return new Finding(
                FindingLevel.Warning, Name, $"There is no feature file '{file}'.",
                "The label command has not run here, publishes to the API server, or writes under another name.",
                "Nothing, where labels go to the API server; else start label, or name its file with --file-name.");
            yield break;
        }

        var findings = Guarded(file);
        foreach (var finding in findings)
            yield return finding;
    }

    private Finding[] Guarded(string file)
    {
        try
        {
            var lines = File.ReadAllLines(file);
            Finding[] faults = [.. FindMode(file), .. FindLease(file, lines), .. FindCount(file, lines)];
            return faults.Length > 0 ? faults : [Describe(file, lines)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [new Finding(FindingLevel.Warning, Name, $"'{file}' cannot be read.", exception.Message, "Run as root.")];
        }
    }

    private static IEnumerable<Finding> FindMode(string file)
    {
        var mode = File.GetUnixFileMode(file);
        if ((mode & ReadableByAll) != ReadableByAll)
        {
            yield return new Finding(
                FindingLevel.Problem, Name,
                $"'{file}' has the mode {Convert.ToString((int)mode, 8)}, so that nfd-worker may not read it.",
                "NFD's worker runs as user 65534.", "Restart label, which writes the file anew with the mode 644.");
        }
    }

    private IEnumerable<Finding> FindLease(string file, string[] lines)
    {
        if (Expiry(lines) is not { } expiry || expiry > context.TimeProvider.GetUtcNow())
            yield break;

        yield return new Finding(
            FindingLevel.Problem, Name, $"'{file}' is out of force since {Text(expiry)}.",
            "Its lease was not renewed: label does not run. NFD 0.14 and later ignore the labels; earlier ones keep them for ever.",
            "Start label; if this node is to have no labels, take the file away: label --cleanup --output file.");
    }

    private IEnumerable<Finding> FindCount(string file, string[] lines)
    {
        if (context.Node is not { } node)
            yield break;

        foreach (var line in lines.Where(line => line.Split('=')[0].EndsWith("/npu.count", StringComparison.Ordinal)))
        {
            var told = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
            if (told != node.Devices.Count.ToString(CultureInfo.InvariantCulture))
            {
                yield return new Finding(
                    FindingLevel.Problem, Name, $"'{file}' says {line}, and the node has {node.Devices.Count}.",
                    "Labels follow within seconds while label runs.", "See whether label runs, and what its log says.");
                yield break;
            }
        }
    }

    private static Finding Describe(string file, string[] lines)
    {
        var labels = lines.Count(line => line.Length > 0 && line[0] != '#');
        var owner = FileStatus.Of(file, FileFields.OwnerAndGroup, out var status) == 0 ? $", of user {status.Owner}" : "";
        return new Finding(
            FindingLevel.Ok, Name, $"'{file}'{owner}, has {labels} {(labels == 1 ? "label" : "labels")}.",
            Expiry(lines) is { } expiry
                ? $"They are in force until {Text(expiry)}, unless renewed."
                : "They have no lease: they stay until the file goes.");
    }

    private static DateTimeOffset? Expiry(string[] lines) =>
        lines.Length > 0 && lines[0].StartsWith(ExpiryDirective, StringComparison.Ordinal)
        && DateTimeOffset.TryParse(
            lines[0].AsSpan(ExpiryDirective.Length), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry)
            ? expiry : null;

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
