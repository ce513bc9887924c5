namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Reads attributes with a deadline, and remembers their texts for a while.</summary>
internal sealed class SysfsReader(TimeProvider timeProvider, DeviceMonitorOptions options) : IDisposable
{
    private readonly DeadlineReader _files = new(options.ReadDeadline);
    private readonly LastGood<string, string> _texts = new(options.KeepUnknown, timeProvider);
    private readonly Dictionary<string, FileReading> _ahead = new(StringComparer.Ordinal);

    /// <summary>Reads files without remembering them.</summary>
    public FileReading[] Read(params FileRequest[] requests) => _files.Read(requests);

    /// <summary>Reads all at once what will be asked for one by one; whatever was read ahead before is forgotten.</summary>
    public void ReadAhead(FileRequest[] requests)
    {
        var readings = _files.Read(requests);
        _ahead.Clear();
        for (var index = 0; index < requests.Length; index++)
            _ahead[requests[index].Path] = readings[index];
    }

    /// <summary>Reads a file, unless it was read ahead, and remembers its text.</summary>
    public FileReading ReadAndRemember(FileRequest request)
    {
        if (!_ahead.Remove(request.Path, out var reading))
            reading = _files.Read(request)[0];

        if (reading.State == FileState.Present)
            _texts.Remember(request.Path, reading.Text);
        else if (reading.State == FileState.Absent)
            _texts.Forget(request.Path);

        return reading;
    }

    /// <summary>The text that a file that cannot be read now held not long ago.</summary>
    public string? Recall(string path) => _texts.TryRecall(path, out var text) ? text : null;

    public void Dispose() => _files.Dispose();
}
