namespace NpuFeatureDiscovery.Cli.Doctor.Host;

/// <summary>Whether the parts of the host are here, and may be read and written as is needed.</summary>
internal sealed class MountCheck(DoctorContext context) : IDoctorCheck
{
    public const string Name = "mounts";

    /// <summary>Manifests mount sysfs in these parts, of which one is easily forgotten.</summary>
    private static readonly (string Folder, string Gives)[] Parts =
    [
        ("/sys/bus", "Cards without a driver, NUMA nodes, temperatures and powers"),
        ("/sys/class", "All NPUs"),
        ("/sys/devices", "All NPUs"),
        ("/dev", "The device nodes, and that cards come and go"),
    ];

    public ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var (folder, gives) in Parts)
        {
            if (Find(context.Root.Resolve(folder), gives) is { } finding)
                findings.Add(finding);
        }

        if (findings.Count == 0)
        {
            var where = context.IsContainer ? " in this container" : "";
            findings.Add(new Finding(
                FindingLevel.Ok, Name, $"sys/bus, sys/class, sys/devices and dev of '{context.Root}' can be read{where}."));
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private Finding? Find(string path, string gives)
    {
        var remedy = context.MountRemedy(path, isReadOnly: true, "Let --root name a folder that holds the host's sys and dev.");
        if (!Directory.Exists(path))
            return new Finding(FindingLevel.Problem, Name, $"'{path}' is missing.", $"{gives} are not known without it.", remedy);

        return FileRights.ReadError(path) is { } error
            ? new Finding(FindingLevel.Problem, Name, $"'{path}' {error}.", $"{gives} are not known without it.",
                "Run as another user, or open the folder to this one.")
            : null;
    }
}
