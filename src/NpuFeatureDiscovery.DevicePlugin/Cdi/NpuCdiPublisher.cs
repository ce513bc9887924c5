using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>
/// Keeps the node's CDI file in step with its cards, and says by which names a container may ask for them: only by those that are in
/// the file, since a runtime refuses to start a container with another. It never keeps a unit from being allocated.
/// </summary>
internal sealed partial class NpuCdiPublisher(CdiMode mode, string directory, ILogger<NpuCdiPublisher> logger)
{
    public const string FileName = "npu-feature-discovery.json";

    private readonly CdiSpecFile _file = new(directory, FileName, NpuCdiDevices.Kind);
    private readonly string _path = Path.Combine(directory, FileName);
    private NodeSnapshot? _snapshot;
    private string[] _disabled = [];
    private volatile NpuCdiDevices? _devices;
    private volatile string? _fault;

    /// <summary>What keeps the file from being there; null where it is, or is not asked for.</summary>
    public string? Fault => _fault;

    /// <summary>Writes the file where the cards or what is disabled changed, or it is gone. Not for use by several threads at once.</summary>
    public void Publish(NodeSnapshot snapshot, IEnumerable<string> disabled)
    {
        if (mode == CdiMode.Off)
            return;

        if (_devices is null || !ReferenceEquals(snapshot, _snapshot) || !disabled.SequenceEqual(_disabled))
        {
            (_snapshot, _disabled) = (snapshot, [.. disabled]);
            _devices = new NpuCdiDevices(snapshot.Devices, _disabled);
        }

        Report(_file.Put(_devices.Spec));
    }

    /// <summary>Removes the file at the end.</summary>
    public void Withdraw()
    {
        if (mode != CdiMode.Off && _file.Remove() is { } fault)
            LogFault(fault);
    }

    /// <summary>How a container asks for units; not at all where not all of them are in the file.</summary>
    public CdiRequest RequestFor(IReadOnlyList<Unit> units)
    {
        if (_devices is not { } devices)
            return CdiRequest.None;

        string[] names = [.. units.Select(devices.NameOf)];
        if (devices.Spec is not { } spec || !names.All(spec.Has) || !_file.Holds(spec))
        {
            LogNotNamed(string.Join(", ", names), _fault ?? $"'{_path}' does not have them now");
            return CdiRequest.None;
        }

        string[] qualified = [.. names.Select(name => CdiName.Qualified(spec.Kind, name))];
        return mode == CdiMode.Annotations
            ? new CdiRequest(CdiAnnotation.Create(qualified), [])
            : new CdiRequest(null, qualified);
    }

    private void Report(string? fault)
    {
        var before = _fault;
        _fault = fault;
        if (fault == before)
            return;

        if (fault is null)
            LogRecovered(_path);
        else
            LogFault(fault);
    }

    [LoggerMessage(1, LogLevel.Warning, "CDI: {Fault} Containers get device nodes alone until then", EventName = "CdiFault")]
    private partial void LogFault(string fault);

    [LoggerMessage(2, LogLevel.Information, "CDI: {File} is there now", EventName = "CdiRecovered")]
    private partial void LogRecovered(string file);

    [LoggerMessage(
        3, LogLevel.Warning, "CDI: a container gets {Units} as device nodes alone: {Reason}", EventName = "CdiNotNamed")]
    private partial void LogNotNamed(string units, string reason);
}
