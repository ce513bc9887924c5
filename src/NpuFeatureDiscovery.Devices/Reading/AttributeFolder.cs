namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>Parses an attribute's text.</summary>
internal delegate bool AttributeParser<T>(string text, out T value);

/// <summary>A folder of sysfs attributes; what cannot be read from it is added to the problems.</summary>
internal sealed class AttributeFolder(string path, ICollection<ReadProblem> problems)
{
    public string Path => path;

    /// <summary>The text of an attribute; null where it is missing, empty or unreadable.</summary>
    public string? Text(string name)
    {
        var reading = SysfsFile.Read(System.IO.Path.Combine(path, name));
        switch (reading)
        {
            case { State: FileState.Present, Text.Length: > 0 }:
                return reading.Text;
            case { State: FileState.Present }:
                Report(name, ReadProblemKind.Missing, "is empty");
                return null;
            case { State: FileState.Absent }:
                Report(name, ReadProblemKind.Missing, "does not exist");
                return null;
            default:
                Report(name, ReadProblemKind.Unreadable, $"cannot be read: {reading.Error}");
                return null;
        }
    }

    /// <summary>The value of an attribute; null where there is none or its text is not understood.</summary>
    public T? Value<T>(string name, AttributeParser<T> parse, string form) where T : struct =>
        Text(name) is { } text && TryParse(name, text, parse, form, out var value) ? value : null;

    /// <inheritdoc cref="Value"/>
    public T? Reference<T>(string name, AttributeParser<T?> parse, string form) where T : class =>
        Text(name) is { } text && TryParse(name, text, parse, form, out var value) ? value : null;

    public void Report(string name, ReadProblemKind kind, string reason) =>
        problems.Add(new ReadProblem(System.IO.Path.Combine(path, name), kind, reason));

    private bool TryParse<T>(string name, string text, AttributeParser<T> parse, string form, out T value)
    {
        if (parse(text, out value))
            return true;

        Report(name, ReadProblemKind.Malformed, $"holds '{text}', which is not {form}");
        return false;
    }
}
