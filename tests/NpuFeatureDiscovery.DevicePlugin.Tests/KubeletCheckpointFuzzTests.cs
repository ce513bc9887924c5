using System.Text.Json;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class KubeletCheckpointFuzzTests : IDisposable
{
    private static readonly FuzzTarget Target = new("checkpoint")
    {
        Words =
        [
            "\"Data\":", "\"PodDeviceEntries\":", "\"RegisteredDevices\":", "\"DeviceIDs\":", "\"PodUID\":", "\"0\":", "[\"A\"]", "[[", "{\"a\":",
            "\"A\",", "\\udc00",
        ],
        MaxSize = 256 * 1024,
        BytesPerByte = 300,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Whatever_it_holds_it_is_no_JSON_or_tells_what_can_be_told() => Fuzz.Check(Target, input =>
    {
        var path = _folder.At(KubeletCheckpoint.FileName);
        File.WriteAllBytes(path, input);
        var held = KubeletCheckpoint.HeldUnits(path);
        try
        {
            var checkpoint = KubeletCheckpoint.Read(path);
            Fuzz.Require(held.Count <= checkpoint.Held.Count, "More is held than the file holds.");
        }
        catch (JsonException)
        {
            Fuzz.Require(held.Count == 0, "Something is held by what is no JSON.");
        }
    });
}
