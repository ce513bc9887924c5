using System.Globalization;
using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>The channels of a card's hwmon folder, as its driver registered them all at once.</summary>
internal sealed class HwmonFolder : IDisposable
{
    private readonly string _parent;
    private readonly string? _path;
    private readonly FileIdentity _parentIdentity;
    private readonly KeptFolder? _folder;
    private readonly List<HwmonSensor> _sensors = [];
    private readonly List<ReadProblem> _problems = [];
    private bool _isWhole = true;

    /// <param name="pciFolder">The card's folder on the PCI bus.</param>
    public HwmonFolder(string pciFolder)
    {
        _parent = Path.Combine(pciFolder, "hwmon");
        try
        {
            FileKind.Identify(_parent, out _parentIdentity);
            _path = FindFolder();
            if (_path is null)
            {
                _problems.Add(new ReadProblem(
                    _parent, ReadProblemKind.Missing, "has no hwmon folder, so the card has no temperature and no power"));
                _isWhole = FileKind.IsMissing(_parent);
            }
            else
            {
                _folder = new KeptFolder(_path, TimeProvider.System);
                _folder.LookAgain();
                FindSensors(_path);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // It was unloaded at this moment; the next look finds another identity.
            _isWhole = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Add(new ReadProblem(_path ?? _parent, ReadProblemKind.Unreadable, $"cannot be listed: {exception.Message}"));
            _isWhole = false;
        }
    }

    /// <summary>In order of kind and number.</summary>
    public IReadOnlyList<HwmonSensor> Sensors => _sensors;

    /// <summary>What was missing when the folder was looked at.</summary>
    public IReadOnlyList<ReadProblem> Problems => _problems;

    /// <summary>Whether it is certain that no file was removed or replaced between the last two looks.</summary>
    public bool IsUntouched => _folder is { IsUntouched: true };

    /// <summary>Looks whether it is still the same folder, and everything could be made out.</summary>
    public bool LookAgain()
    {
        FileKind.Identify(_parent, out var parent);
        return _folder?.LookAgain() != false && parent == _parentIdentity && _isWhole;
    }

    public void Dispose()
    {
        foreach (var sensor in _sensors)
            sensor.File.Dispose();
    }

    /// <summary>A driver registers one; should there be more, the first.</summary>
    private string? FindFolder() => FileKind.IsMissing(_parent)
        ? null
        : Directory.EnumerateDirectories(_parent, "hwmon*")
            .OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal)
            .FirstOrDefault();

    private void FindSensors(string path)
    {
        var names = Directory.EnumerateFileSystemEntries(path).Select(file => Path.GetFileName(file))
            .ToHashSet(StringComparer.Ordinal);
        var channels = new SortedSet<(HwmonKind Kind, byte Number)>();
        foreach (var name in names)
        {
            if (HwmonSensor.TryParse(name, out var kind, out var number))
                channels.Add((kind, number));
        }

        foreach (var (kind, number) in channels)
        {
            var channel = HwmonSensor.ChannelName(kind, number);
            var valueName = $"{channel}_{HwmonSensor.ValueItem(kind)}";
            var valuePath = Path.Combine(path, valueName);
            if (!names.Contains(valueName))
                _problems.Add(new ReadProblem(valuePath, ReadProblemKind.Missing, "does not exist"));
            else if (ReadLabel(Path.Combine(path, $"{channel}_label"), number) is { } label)
                _sensors.Add(new HwmonSensor(kind, number, channel, label, new KeptFile(valuePath)));
        }
    }

    /// <returns>Null where there is a label and it cannot be read: under another name the value would be another sensor's.</returns>
    private string? ReadLabel(string path, byte number)
    {
        var reading = SysfsFile.Read(path);
        if (reading.State == FileState.Unreadable)
        {
            _problems.Add(new ReadProblem(path, ReadProblemKind.Unreadable, $"cannot be read: {reading.Error}"));
            _isWhole = false;
            return null;
        }

        return reading.Text.Length > 0 ? reading.Text : number.ToString(CultureInfo.InvariantCulture);
    }
}
