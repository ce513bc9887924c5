using System.Text;
using NpuFeatureDiscovery.Cli.Doctor.Kubelet;

namespace NpuFeatureDiscovery.Cli.Doctor.Published;

/// <summary>What earlier tools, and runs that were killed, have left on the node.</summary>
internal sealed class LeftoverCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "leftover";

    /// <summary>Larger ones are not read: no CDI file of NPUs comes near to it.</summary>
    private const int MaxCdiSize = 4 << 20;

    public async ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var plugins = await PluginSocket.ReadAllAsync(context, cancellationToken);
        Finding[] found =
        [
            .. Entries(context.Folders.Features).Select(FindFeatureFile).OfType<Finding>(), .. FindStaged(), .. FindHooks(),
            .. FindCdi(isPluginRunning: plugins.Any(plugin => plugin.Answers)),
        ];
        return found.Length > 0 ? found : [new Finding(FindingLevel.Ok, Name, "Earlier tools and killed runs have left nothing.")];
    }

    private static IEnumerable<string> Entries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private Finding? FindFeatureFile(string path)
    {
        var name = Path.GetFileName(path);
        if (name == "ffd" && name != context.Folders.FeatureFileName)
        {
            return new Finding(
                FindingLevel.Warning, Name, $"'{path}' is the feature file of furiosa-feature-discovery.",
                "NFD publishes its labels beside ours, for ever, and where both give a label the later file name wins.",
                $"Remove that tool first, then its file: rm '{path}'.");
        }

        if (name.StartsWith(".ffd-", StringComparison.Ordinal))
        {
            return new Finding(
                FindingLevel.Warning, Name, $"'{path}' is what a killed furiosa-feature-discovery was writing.",
                "NFD before 0.15 reads dot-files too, and publishes its labels.", $"Remove it: rm '{path}'.");
        }

        return name.StartsWith('.') && File.Exists(path)
            ? new Finding(
                FindingLevel.Warning, Name, $"'{path}' is a dot-file beside the feature files.",
                "NFD before 0.15 reads it, and publishes its labels; later versions skip it.",
                "See whose it is, and move it away.")
            : null;
    }

    /// <summary>A label command writes here, and moves the file at once; it empties the folder when it starts.</summary>
    private IEnumerable<Finding> FindStaged() => Entries(context.Folders.Staging)
        .Where(path => context.TimeProvider.GetUtcNow() - File.GetLastWriteTimeUtc(path) > TimeSpan.FromMinutes(1))
        .Select(path => new Finding(
            FindingLevel.Warning, Name, $"'{path}' is what a killed label command was writing.",
            "Nobody reads it.", "The next start of label removes it."));

    private IEnumerable<Finding> FindHooks()
    {
        var hooks = Path.Combine(Path.GetDirectoryName(context.Folders.Features) ?? "/", "source.d");
        return Entries(hooks).Where(path => IsOfNpus(Path.GetFileName(path))).Select(path => new Finding(
            FindingLevel.Warning, Name, $"'{path}' is an NFD hook of an earlier tool.",
            "NFD ran hooks by default up to 0.13 and not at all from 0.17 on: its labels come and go with NFD's version.",
            $"Remove that tool first, then its hook: rm '{path}'."));
    }

    private IEnumerable<Finding> FindCdi(bool isPluginRunning)
    {
        // /var/run is a link to /run: one folder may be seen twice.
        string[] files = [.. context.Folders.Cdi.SelectMany(Entries).Where(IsCdiOfNpus)];
        foreach (var path in files.Where(path => Path.GetFileName(path).StartsWith('.')))
        {
            yield return new Finding(
                FindingLevel.Warning, Name, $"'{path}' is a CDI file that a killed plugin was writing.",
                "The next start of our plugin removes its own.", $"Remove it, if no plugin runs: rm '{path}'.");
        }

        string[] published = [.. files.Where(path => !Path.GetFileName(path).StartsWith('.'))];
        if (!isPluginRunning)
        {
            foreach (var path in published)
            {
                yield return new Finding(
                    FindingLevel.Warning, Name,
                    $"'{path}' names NPUs for the container runtime, and no plugin runs that keeps it.",
                    "Its devices may be gone: a container that asks for one of them does not start.",
                    $"Remove it, if no plugin is about to start: rm '{path}'.");
            }
        }
        else if (published.Length > 1)
        {
            yield return new Finding(
                FindingLevel.Warning, Name,
                $"Several CDI files name NPUs: {string.Join(", ", published.Select(path => $"'{path}'"))}.",
                "Where two of them name the same device, a runtime refuses the name.",
                "Remove those that no running plugin keeps.");
        }
    }

    private static bool IsCdiOfNpus(string path)
    {
        try
        {
            return path.EndsWith(".json", StringComparison.Ordinal) || path.EndsWith(".yaml", StringComparison.Ordinal)
                || path.EndsWith(".staged", StringComparison.Ordinal)
                    ? new FileInfo(path) is { Exists: true, Length: < MaxCdiSize }
                        && File.ReadAllText(path, Encoding.Latin1).Contains("furiosa.ai/", StringComparison.Ordinal)
                    : false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsOfNpus(string name) => name == "ffd" || PluginSocket.IsOfNpus(name);
}
