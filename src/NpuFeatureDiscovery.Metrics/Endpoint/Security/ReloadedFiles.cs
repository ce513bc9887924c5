using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>
/// What is made of files, and made anew as soon as one of them has changed. While they cannot be used the last that was made of
/// them stays.
/// </summary>
/// <remarks>
/// They are small and read at each use, and their text is compared: that misses no change, whether a file is written, replaced or
/// reached by another link, as in a Secret's volume, and costs nothing in between.
/// </remarks>
internal sealed partial class ReloadedFiles<T>(
    IReadOnlyList<string> paths, Func<IReadOnlyList<FileText>, T> make, ILogger logger)
    where T : class
{
    /// <summary>For files that somebody writes all the time.</summary>
    private const int MaxReads = 5;

    private readonly Lock _lock = new();
    private IReadOnlyList<FileText> _seen = [];
    private T? _lastGood;
    private bool _isRefused;

    /// <summary>What is made of the files as they are now, else as they last were good.</summary>
    /// <exception cref="EndpointFileException">They have never been good.</exception>
    public T Value
    {
        get
        {
            lock (_lock)
            {
                var files = Read();
                if (_lastGood is null)
                    (_lastGood, _seen) = (make(files), files);
                else if (!files.SequenceEqual(_seen))
                    Take(files);

                return _lastGood;
            }
        }
    }

    /// <summary>All of them may be exchanged between the reading of one and of the next: so what is new is read twice.</summary>
    private FileText[] Read()
    {
        var files = ReadOnce();
        for (var reads = 1; reads < MaxReads && !files.SequenceEqual(_seen); reads++)
        {
            var before = files;
            files = ReadOnce();
            if (files.SequenceEqual(before))
                break;
        }

        return files;
    }

    private FileText[] ReadOnce() => [.. paths.Select(FileText.Read)];

    private void Take(IReadOnlyList<FileText> files)
    {
        _seen = files;
        try
        {
            _lastGood = make(files);
            _isRefused = false;
            LogTaken(string.Join(", ", paths));
        }
        catch (EndpointFileException exception)
        {
            if (!_isRefused)
                LogRefused(exception.Message);

            _isRefused = true;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Changed and in use from now on: {Files}", EventName = "Taken")]
    private partial void LogTaken(string files);

    [LoggerMessage(2, LogLevel.Error, "{Failure} What was read before stays in use", EventName = "Refused")]
    private partial void LogRefused(string failure);
}
