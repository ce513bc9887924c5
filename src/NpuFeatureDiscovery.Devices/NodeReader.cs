using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices;

/// <summary>Reads the NPUs of a host from sysfs and <c>/dev</c>.</summary>
/// <param name="root">The folder that is read as the host.</param>
public sealed class NodeReader(HostRoot root)
{
    /// <summary>
    /// Reads everything anew. Whatever cannot be made out is named in the snapshot's problems, and one bad card never
    /// hides another.
    /// </summary>
    /// <exception cref="HostUnreadableException">
    /// There is no <c>sys</c>, or a driver's class folder is there and cannot be listed: nothing is known of the cards.
    /// </exception>
    public NodeSnapshot Read()
    {
        ThrowIfNoHost(root);
        var problems = new List<ReadProblem>();
        var devices = NpuDriver.All.SelectMany(driver => ReadDevices(driver, problems))
            .OrderBy(device => device.Family).ThenBy(device => device.Index)
            .ToArray();
        return new NodeSnapshot(
            EquatableArray.Create<NpuDevice>(devices), ReadMachine(problems), [.. problems]);
    }

    /// <summary>Tells a folder that cannot be a host's root before it is read again and again.</summary>
    /// <exception cref="HostUnreadableException">There is no <c>sys</c> under the root.</exception>
    public static void ThrowIfNoHost(HostRoot root)
    {
        if (!Directory.Exists(root.Resolve("/sys")))
            throw new HostUnreadableException(
                $"'{root}' has no folder 'sys', so it is not a host's root. Choose a folder that holds sys and dev.");
    }

    private List<NpuDevice> ReadDevices(NpuDriver driver, List<ReadProblem> problems)
    {
        var devices = new List<NpuDevice>();
        var indices = ListIndices(driver);
        if (indices.Count == 0)
            return devices;

        var nodes = DeviceNodeReader.Read(root, driver, problems);
        var reader = new DeviceReader(root, driver, problems);
        foreach (var index in indices)
        {
            if (reader.Read(index, nodes[index]) is { } device)
                devices.Add(device);
        }

        return devices;
    }

    private List<int> ListIndices(NpuDriver driver)
    {
        var folder = root.Resolve(driver.ClassFolder);
        var indices = new List<int>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder))
            {
                if (driver.TryParseManagementEntry(Path.GetFileName(path), out var index))
                    indices.Add(index);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // The driver is not loaded, so it has no cards.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostUnreadableException(
                $"'{folder}' cannot be listed, so the host's NPUs are not known: {exception.Message}", exception);
        }

        indices.Sort();
        return indices;
    }

    private Machine ReadMachine(List<ReadProblem> problems)
    {
        var folder = new AttributeFolder(root.Resolve("/sys/class/dmi/id"), problems);
        return new Machine(folder.Text("sys_vendor"), folder.Text("product_name"));
    }
}
