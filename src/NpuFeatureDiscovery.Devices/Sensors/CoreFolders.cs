using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Sensors;

/// <summary>The performance counters of a card's cores, of which its driver makes and removes combinations at any time.</summary>
internal sealed class CoreFolders : IDisposable
{
    private readonly List<(CoreRange Cores, KeptFile File)> _counters = [];
    private readonly List<ReadProblem> _problems = [];

    /// <param name="classFolder">The driver's class.</param>
    /// <param name="index">The card.</param>
    /// <param name="combinations">What the driver says of the combinations that there are.</param>
    public CoreFolders(string classFolder, int index, string combinations)
    {
        Combinations = combinations;
        try
        {
            // By name alone: to ask for folders would be to follow the link of every other card's cores too.
            foreach (var path in Directory.EnumerateFileSystemEntries(classFolder, $"npu{index}pe*"))
            {
                if (DeviceNodeName.TryParse(Path.GetFileName(path), out var name)
                    && name is { Role: DeviceNodeRole.Core, Cores: { } cores })
                    _counters.Add((cores, new KeptFile(Path.Combine(path, "perf_regs"))));
            }

            _counters.Sort((left, right) => left.Cores.CompareTo(right.Cores));
            if (_counters.Count == 0)
                _problems.Add(new ReadProblem(
                    classFolder, ReadProblemKind.Missing, $"has no core of npu{index}, so there are no performance counters"));
        }
        catch (DirectoryNotFoundException)
        {
            // The driver was unloaded at this moment: the card's other files say so.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Add(new ReadProblem(classFolder, ReadProblemKind.Unreadable, $"cannot be listed: {exception.Message}"));
        }
    }

    /// <summary>What the driver said of the combinations.</summary>
    public string Combinations { get; }

    public IReadOnlyList<(CoreRange Cores, KeptFile File)> Counters => _counters;

    public IReadOnlyList<ReadProblem> Problems => _problems;

    public void Dispose()
    {
        foreach (var (_, file) in _counters)
            file.Dispose();
    }
}
