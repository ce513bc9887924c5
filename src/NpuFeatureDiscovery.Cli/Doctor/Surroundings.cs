namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>Whether this process runs in a container, where folders of the host have to be mounted.</summary>
internal static class Surroundings
{
    /// <summary>What container engines make in each container.</summary>
    private static readonly string[] Marks = ["/.dockerenv", "/run/.containerenv"];

    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    public static bool IsContainer(Func<string, string?> environment) =>
        environment("KUBERNETES_SERVICE_HOST") is { Length: > 0 }
        || Array.Exists(Marks, File.Exists)
        || HasLayeredRoot("/proc/self/mountinfo");

    /// <summary>
    /// Whether the root is a container's: an overlay of an image's layers.
    /// https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    /// </summary>
    internal static bool HasLayeredRoot(string mountInfo)
    {
        try
        {
            return File.ReadLines(mountInfo).Any(line => line.Split(' ') is [_, _, _, _, "/", ..] && line.Contains(" - overlay "));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
