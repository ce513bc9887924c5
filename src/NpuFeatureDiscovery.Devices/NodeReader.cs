using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices;

/// <summary>Reads the NPUs of a host from sysfs and <c>/dev</c>. Not for use by several threads at once.</summary>
/// <remarks>
/// A read that hangs in the kernel costs its own card and half a second; the card is unknown from then on until the kernel
/// answers.
/// </remarks>
public sealed class NodeReader : IDisposable
{
    private readonly HostRoot _root;
    private readonly TimeProvider _timeProvider;
    private readonly SysfsReader _files;
    private readonly DriverReader[] _drivers;
    private FileRequest[] _healthFiles = [];
    private FileReading[] _health = [];

    /// <summary>A reader without memory: what cannot be read is not known.</summary>
    /// <param name="root">The folder that is read as the host.</param>
    public NodeReader(HostRoot root) : this(root, TimeProvider.System, new DeviceMonitorOptions { KeepUnknown = TimeSpan.Zero })
    {
    }

    /// <summary>A reader that lets the last good reading stand for a while where a card cannot be read.</summary>
    /// <param name="root">The folder that is read as the host.</param>
    /// <param name="timeProvider">Tells when a reading was, and how long ago.</param>
    /// <param name="options">How long readings stand and how long a read may take.</param>
    public NodeReader(HostRoot root, TimeProvider timeProvider, DeviceMonitorOptions options)
    {
        _root = root;
        _timeProvider = timeProvider;
        _files = new SysfsReader(timeProvider, options);
        _drivers = [.. NpuDriver.All.Select(driver => new DriverReader(root, driver, _files, timeProvider, options))];
    }

    /// <summary>
    /// Reads everything anew. Whatever cannot be made out is named in the snapshot's problems, and one bad card never
    /// hides another.
    /// </summary>
    /// <returns>A snapshot of generation 0.</returns>
    /// <exception cref="HostUnreadableException">
    /// There is no <c>sys</c>, a part of it is not mounted, or a driver's class folder is there and cannot be listed: nothing is known
    /// of the cards.
    /// </exception>
    public NodeSnapshot Read()
    {
        ThrowIfNoHost(_root);

        var readAt = _timeProvider.GetUtcNow();
        var problems = new List<ReadProblem>();
        var devices = _drivers.SelectMany(driver => driver.Read(problems))
            .OrderBy(device => device.Family).ThenBy(device => device.Index)
            .ToArray();
        var machine = ReadMachine(problems);
        return new NodeSnapshot(EquatableArray.Create<NpuDevice>(devices), machine, [.. problems]) { ReadAt = readAt };
    }

    /// <summary>Tells a folder that cannot be a host's root before it is read again and again.</summary>
    /// <exception cref="HostUnreadableException">There is no <c>sys</c> under the root, or no <c>class</c> in that.</exception>
    public static void ThrowIfNoHost(HostRoot root)
    {
        if (!Directory.Exists(root.Resolve("/sys")))
            throw new HostUnreadableException(
                $"'{root}' has no folder 'sys', so it is not a host's root. Choose a folder that holds sys and dev.");

        // Containers are given sysfs in parts, of which one may be forgotten.
        if (!Directory.Exists(root.Resolve("/sys/class")) && Directory.Exists(root.Resolve("/sys/devices")))
            throw new HostUnreadableException(NotMounted(root, "/sys/class"));
    }

    /// <summary>What to say of a folder of the host without which the cards are not known.</summary>
    internal static string NotMounted(HostRoot root, string folder) =>
        $"'{root.Resolve(folder)}' is missing, so the host's NPUs are not known. Mount the host's {folder} there, read-only.";

    /// <summary>Ends the thread that reads; one that hangs in the kernel ends when the kernel answers.</summary>
    public void Dispose() => _files.Dispose();

    /// <summary>
    /// Whether a card has come, gone, or says something else about its health than at the last call: a listing for each driver
    /// and a small file for each card.
    /// </summary>
    /// <param name="hasComeOrGone">Whether a card has come or gone.</param>
    internal bool PresenceOrHealthChanged(out bool hasComeOrGone)
    {
        var found = new List<FileRequest>(_healthFiles.Length);
        foreach (var driver in _drivers)
            driver.AddHealthFiles(found);

        FileRequest[] files = [.. found];
        var health = _files.Read(files);
        hasComeOrGone = !files.AsSpan().SequenceEqual(_healthFiles);
        var isChanged = hasComeOrGone || !health.AsSpan().SequenceEqual(_health);
        (_healthFiles, _health) = (files, health);
        return isChanged;
    }

    private Machine ReadMachine(List<ReadProblem> problems)
    {
        var path = _root.Resolve("/sys/class/dmi/id");
        var folder = new AttributeFolder(path, path, _files, problems);
        return new Machine(folder.Text("sys_vendor"), folder.Text("product_name"));
    }
}
