using System.IO.Enumeration;

namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Reads the cards of one driver, and tells those that are gone from those that are not known for a while.</summary>
internal sealed class DriverReader(
    HostRoot root, NpuDriver driver, SysfsReader files, TimeProvider timeProvider, DeviceMonitorOptions options)
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly LastGood<int, NpuDevice> _devices = new(options.KeepUnknown, timeProvider);
    private readonly FileRequest?[] _healthFiles = new FileRequest?[DeviceNodeName.MaxNumber + 1];

    /// <exception cref="HostUnreadableException">Nothing is known of the driver's cards, and nothing was known lately.</exception>
    public IEnumerable<NpuDevice> Read(List<ReadProblem> problems)
    {
        var indices = ListIndices(out var failure);
        // The entries of a class are links that lead there.
        if (indices.Count > 0 && !Directory.Exists(driver.ManagementFolder(root, indices[0]))
            && !Directory.Exists(root.Resolve("/sys/devices")))
        {
            throw new HostUnreadableException(NodeReader.NotMounted(root, "/sys/devices"));
        }

        if (failure is not null)
            problems.Add(new ReadProblem(
                root.Resolve(driver.ClassFolder), ReadProblemKind.Unreadable, $"cannot be listed: {failure.Message}"));

        var vanished = new List<int>();
        foreach (var index in _devices.Keys)
        {
            if (!indices.Contains(index))
                vanished.Add(index);
        }

        var read = indices.Count == 0 ? [] : ReadPresent(indices, problems);
        var kept = new List<NpuDevice>();
        foreach (var index in vanished)
        {
            if (RecallVanished(index, isListed: failure is null, problems) is { } device)
                kept.Add(device);
        }

        if (failure is not null && kept.Count == 0)
            throw new HostUnreadableException(
                $"'{root.Resolve(driver.ClassFolder)}' cannot be listed, so the host's NPUs are not known: {failure.Message}", failure);

        return read.Concat(kept);
    }

    /// <summary>
    /// Adds the files that say whether the cards are alive: other files, or other readings of them, mean that a card came, went
    /// or changed.
    /// </summary>
    public void AddHealthFiles(List<FileRequest> requests)
    {
        var indices = ListIndices(out var failure);
        foreach (var index in indices)
            requests.Add(_healthFiles[index] ??= HealthFile(index));

        // Also that the cards cannot be listed is news, once: this is no file, and reads the same each time.
        if (failure is not null)
            requests.Add(new FileRequest(root.Resolve(driver.ClassFolder), failure.Message));
    }

    private IEnumerable<FileRequest> AttributeFiles(int index)
    {
        var device = driver.ManagementFolder(root, index);
        foreach (var name in DeviceReader.Attributes)
            yield return new FileRequest(Path.Combine(device, name), device);

        yield return _healthFiles[index] ??= HealthFile(index);
        if (_devices.TryRecall(index, out var known))
            yield return new FileRequest(Path.Combine(known.PciAddress.Folder(root), DeviceReader.NumaNodeFile), device);
    }

    private FileRequest HealthFile(int index)
    {
        var device = driver.ManagementFolder(root, index);
        return new FileRequest(Path.Combine(device, driver.HealthFile), device);
    }

    private List<NpuDevice> ReadPresent(List<int> indices, List<ReadProblem> problems)
    {
        var nodes = DeviceNodeReader.Read(root, driver, problems);
        var attributes = new List<FileRequest>();
        foreach (var index in indices)
            attributes.AddRange(AttributeFiles(index));

        files.ReadAhead([.. attributes]);
        var found = new List<NpuDevice>(indices.Count);
        foreach (var index in indices)
        {
            var ownProblems = new List<ReadProblem>();
            var device = new DeviceReader(root, driver, files, ownProblems).Read(index, nodes[index]);
            if (!Directory.Exists(driver.ManagementFolder(root, index)))
            {
                // It vanished in the middle: what was read of it is half a card.
                if (RecallVanished(index, isListed: true, problems) is { } vanished)
                    found.Add(vanished);
                continue;
            }

            problems.AddRange(ownProblems);
            if (device is not null)
            {
                _devices.Remember(index, device);
                found.Add(device);
            }
        }

        return found;
    }

    /// <param name="index">A card that was there before.</param>
    /// <param name="isListed">Whether the driver's cards could be listed, and this was not among them.</param>
    /// <param name="problems">Where to say so.</param>
    private NpuDevice? RecallVanished(int index, bool isListed, List<ReadProblem> problems)
    {
        if (!_devices.TryRecall(index, out var device)
            || (isListed && !Directory.Exists(device.PciAddress.Folder(root))))
        {
            _devices.Forget(index);
            return null;
        }

        const string reason = "its driver does not show it, and it is still on the PCI bus; its last good reading stands for a while";
        if (isListed)
            problems.Add(new ReadProblem(driver.ManagementFolder(root, index), ReadProblemKind.Unreadable, $"is missing: {reason}"));

        return device with { Health = new DeviceHealth(HealthState.Unknown, isListed ? reason : "its driver cannot be listed") };
    }

    private List<int> ListIndices(out Exception? failure)
    {
        failure = null;
        var indices = new List<int>();
        // Where the driver is not loaded.
        if (FileKind.IsMissing(root.Resolve(driver.ClassFolder)))
            return indices;

        try
        {
            indices.AddRange(new FileSystemEnumerable<int>(
                root.Resolve(driver.ClassFolder),
                (ref entry) => driver.TryParseManagementEntry(entry.FileName, out var index) ? index : -1,
                Everything)
            {
                ShouldIncludePredicate = (ref entry) => driver.TryParseManagementEntry(entry.FileName, out _),
            });
        }
        catch (DirectoryNotFoundException)
        {
            // It was unloaded at this moment.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = exception;
        }

        indices.Sort();
        return indices;
    }
}
