namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Lists the device nodes of one driver's cards.</summary>
internal static class DeviceNodeReader
{
    /// <returns>The nodes by card, each list in the order of <see cref="NpuDevice.DeviceNodes"/>.</returns>
    public static ILookup<int, DeviceNode> Read(HostRoot root, NpuDriver driver, ICollection<ReadProblem> problems)
    {
        var folder = root.Resolve(driver.NodeFolder);
        var found = new List<FoundNode>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder, "npu*"))
            {
                var fileName = Path.GetFileName(path);
                if (DeviceNodeName.TryParse(fileName, out var name) && IsDeviceNode(root, path))
                    found.Add(new FoundNode(name, new DeviceNode($"{driver.NodeFolder}/{fileName}", name.Role, name.Cores)));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // No /dev/rngd: no RNGD card. A card without nodes says so itself.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add(new ReadProblem(folder, ReadProblemKind.Unreadable, $"cannot be listed: {exception.Message}"));
        }

        return found
            .OrderBy(entry => entry.Name.Role).ThenBy(entry => entry.Name.Cores).ThenBy(entry => entry.Name.Number)
            .ToLookup(entry => entry.Name.Index, entry => entry.Node);
    }

    private static bool IsDeviceNode(HostRoot root, string path) =>
        root.IsHostItself ? FileKind.IsCharacterDevice(path) : FileKind.IsCharacterDeviceOrRegularFile(path);

    private sealed record FoundNode(DeviceNodeName Name, DeviceNode Node);
}
