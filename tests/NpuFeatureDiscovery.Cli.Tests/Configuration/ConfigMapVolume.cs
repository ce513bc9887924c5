using System.Diagnostics;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

/// <summary>A folder that changes as the kubelet changes a ConfigMap's: all files at once, by one link to a new folder.</summary>
internal sealed class ConfigMapVolume : IDisposable
{
    private const string Data = "..data";
    private const string NextData = "..data_tmp";

    private readonly TemporaryFolder _folder = new();
    private readonly string _fileName;
    private int _version;

    public ConfigMapVolume(string fileName, string text)
    {
        _fileName = fileName;
        Update(text);
        File.CreateSymbolicLink(FilePath, $"{Data}/{fileName}");
    }

    public string FilePath => _folder.At(_fileName);

    public void Update(string text)
    {
        var before = _version == 0 ? null : Version;
        _version++;
        Directory.CreateDirectory(_folder.At(Version));
        File.WriteAllText(_folder.At($"{Version}/{_fileName}"), text);
        File.CreateSymbolicLink(_folder.At(NextData), Version);
        // rename(2), which .NET does not offer for a link to a folder.
        using (var move = Process.Start("mv", ["-T", _folder.At(NextData), _folder.At(Data)]))
            move.WaitForExit();

        if (before is not null)
            Directory.Delete(_folder.At(before), recursive: true);
    }

    public void Dispose() => _folder.Dispose();

    private string Version => $"..2026_01_01_00_00_00.{_version}";
}
