namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>A file or link, by its real folder and its name.</summary>
internal sealed record LinkedPlace(string Folder, string Name);

/// <summary>Finds by which names a path leads to its file.</summary>
internal static class LinkedPath
{
    /// <summary>As many links as Linux follows: https://man7.org/linux/man-pages/man7/path_resolution.7.html.</summary>
    private const int MaxLinks = 40;

    /// <summary>
    /// Each symbolic link on the way and the file itself, by real folder and name. Whatever makes the path another file changes
    /// one of these names; so it does in a ConfigMap, whose files are links to <c>..data/NAME</c> and <c>..data</c> a link to a
    /// folder that each update makes anew.
    /// </summary>
    public static IReadOnlyList<LinkedPlace> Resolve(string path)
    {
        var found = new List<LinkedPlace>();
        var rest = new Stack<string>();
        Push(Path.GetFullPath(path));
        var folder = "/";
        while (rest.TryPop(out var name))
        {
            if (name == ".")
                continue;
            if (name == "..")
            {
                folder = Path.GetDirectoryName(folder) ?? folder;
                continue;
            }

            var place = Path.Combine(folder, name);
            if (LinkTarget(place) is { } target)
            {
                found.Add(new LinkedPlace(folder, name));
                if (found.Count > MaxLinks)
                    break;
                if (target.StartsWith('/'))
                    folder = "/";

                Push(target);
            }
            else if (rest.Count == 0)
                found.Add(new LinkedPlace(folder, name));
            else
                folder = place;
        }

        return found;

        void Push(string part)
        {
            foreach (var name in Enumerable.Reverse(part.Split('/', StringSplitOptions.RemoveEmptyEntries)))
                rest.Push(name);
        }
    }

    private static string? LinkTarget(string place)
    {
        try
        {
            return new FileInfo(place).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever reads the file says why.
            return null;
        }
    }
}
