namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Reads attributes with a deadline, and remembers their texts for a while.</summary>
internal sealed class SysfsReader(TimeProvider timeProvider, DeviceMonitorOptions options) : IDisposable
{
    private readonly DeadlineReader _files = new(options.ReadDeadline);
    private readonly LastGood<string, string> _texts = new(options.KeepUnknown, timeProvider);

    /// <param name="path">The file.</param>
    /// <param name="device">The device that the file belongs to: while one of its reads hangs, it is not read.</param>
    public FileReading Read(string path, string device)
    {
        var reading = _files.Read(path, device);
        if (reading.State == FileState.Present)
            _texts.Remember(path, reading.Text);
        else if (reading.State == FileState.Absent)
            _texts.Forget(path);

        return reading;
    }

    /// <summary>The text that a file that cannot be read now held not long ago.</summary>
    public string? Recall(string path) => _texts.TryRecall(path, out var text) ? text : null;

    public void Dispose() => _files.Dispose();
}
