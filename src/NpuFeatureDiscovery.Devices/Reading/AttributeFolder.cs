namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Parses an attribute's text.</summary>
internal delegate bool AttributeParser<T>(string text, out T value);

/// <summary>A folder of sysfs attributes; what cannot be read from it is added to the problems.</summary>
/// <param name="path">The folder.</param>
/// <param name="device">The device that it belongs to.</param>
/// <param name="files">Reads the attributes.</param>
/// <param name="problems">What could not be made out.</param>
internal sealed class AttributeFolder(string path, string device, SysfsReader files, ICollection<ReadProblem> problems)
{
    /// <summary>
    /// The text of an attribute; null where it is missing or empty, or unreadable for longer than texts are remembered.
    /// </summary>
    public string? Text(string name)
    {
        var reading = Read(name);
        var text = reading.State == FileState.Unreadable ? files.Recall(PathOf(name)) : reading.Text;
        return text is { Length: > 0 } ? text : null;
    }

    /// <summary>Reads an attribute as it is now; what keeps it from being known is added to the problems.</summary>
    public FileReading Read(string name)
    {
        var reading = files.ReadAndRemember(new FileRequest(PathOf(name), device));
        if (reading.State == FileState.Unreadable)
            ReportUnreadable(reading.HungPath ?? PathOf(name), reading);
        else if (reading.Text.Length == 0)
            Report(name, ReadProblemKind.Missing, reading.State == FileState.Absent ? "does not exist" : "is empty");

        return reading;
    }

    /// <summary>The value of an attribute; null where there is none or its text is not understood.</summary>
    public T? Value<T>(string name, AttributeParser<T> parse, string form) where T : struct =>
        Text(name) is { } text && TryParse(name, text, parse, form, out var value) ? value : null;

    /// <inheritdoc cref="Value"/>
    public T? Reference<T>(string name, AttributeParser<T?> parse, string form) where T : class =>
        Text(name) is { } text && TryParse(name, text, parse, form, out var value) ? value : null;

    public void Report(string name, ReadProblemKind kind, string reason) =>
        problems.Add(new ReadProblem(PathOf(name), kind, reason));

    /// <summary>Once for a device that hangs, whatever is read of it.</summary>
    private void ReportUnreadable(string path, FileReading reading)
    {
        var problem = new ReadProblem(path, ReadProblemKind.Unreadable, $"cannot be read: {reading.Error}");
        if (!problems.Contains(problem))
            problems.Add(problem);
    }

    private string PathOf(string name) => Path.Combine(path, name);

    private bool TryParse<T>(string name, string text, AttributeParser<T> parse, string form, out T value)
    {
        if (parse(text, out value))
            return true;

        Report(name, ReadProblemKind.Malformed, $"holds '{Excerpt.Of(text)}', which is not {form}");
        return false;
    }
}
