namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>A file to read, and the device that it belongs to: while one of its reads hangs, no other is tried.</summary>
internal sealed record FileRequest(string Path, string Device);

/// <summary>
/// Reads files on a thread of its own, since a read of a broken device's file can hang in the kernel, and nothing ends it
/// there. Such a device costs one thread while it hangs and is not read again meanwhile; the others go on.
/// </summary>
internal sealed class DeadlineReader(TimeSpan deadline) : IDisposable
{
    private readonly Dictionary<string, ReadingThread<FileRequest, FileReading>> _hung = new(StringComparer.Ordinal);
    private ReadingThread<FileRequest, FileReading>? _idle;

    /// <summary>Reads files one after the other; all at once, since handing over to the thread costs more than a read.</summary>
    /// <returns>A reading for each request.</returns>
    public FileReading[] Read(params FileRequest[] requests)
    {
        var readings = new FileReading[requests.Length];
        var next = 0;
        while (next < requests.Length)
            next = ReadUntilOneHangs(requests, readings, next);

        return readings;
    }

    public void Dispose()
    {
        _idle?.End();
        foreach (var thread in _hung.Values)
            thread.End();
    }

    /// <returns>Where to go on.</returns>
    private int ReadUntilOneHangs(FileRequest[] requests, FileReading[] readings, int start)
    {
        if (StillHanging(requests[start].Device) is { } hung)
        {
            readings[start] = NoAnswer(hung);
            return start + 1;
        }

        var end = start + 1;
        while (end < requests.Length && StillHanging(requests[end].Device) is null)
            end++;

        var thread = _idle ?? new ReadingThread<FileRequest, FileReading>("sysfs reader", request => SysfsFile.Read(request.Path));
        _idle = null;
        thread.Start(requests, readings, start, end);
        var reached = thread.Wait(deadline);
        if (reached == end)
        {
            Release(thread);
            return end;
        }

        _hung.Add(requests[reached].Device, thread);
        readings[reached] = NoAnswer(thread);
        return reached + 1;
    }

    private ReadingThread<FileRequest, FileReading>? StillHanging(string device)
    {
        if (!_hung.TryGetValue(device, out var thread) || thread.IsHanging)
            return thread;

        _hung.Remove(device);
        Release(thread);
        return null;
    }

    private void Release(ReadingThread<FileRequest, FileReading> thread)
    {
        if (_idle is null)
            _idle = thread;
        else
            thread.End();
    }

    private FileReading NoAnswer(ReadingThread<FileRequest, FileReading> thread) =>
        new(FileState.Unreadable, Error: $"no answer within {deadline.TotalSeconds:0.###} s", HungPath: thread.Current?.Path);
}
