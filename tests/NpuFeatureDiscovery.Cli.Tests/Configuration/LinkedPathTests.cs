using NpuFeatureDiscovery.Cli.Configuration;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Configuration;

public sealed class LinkedPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void A_file_without_links_is_its_own_and_only_place()
    {
        Assert.That(LinkedPath.Resolve(_folder.At("a/b")), Is.EqualTo((LinkedPlace[])[new(_folder.At("a"), "b")]));
    }

    [Test]
    public void The_links_of_a_ConfigMap_lead_to_the_folder_of_now()
    {
        using var volume = new ConfigMapVolume("config.yaml", "");
        volume.Update("");
        var folder = Path.GetDirectoryName(volume.FilePath)!;

        Assert.That(LinkedPath.Resolve(volume.FilePath), Is.EqualTo(
            (LinkedPlace[])[new(folder, "config.yaml"), new(folder, "..data"), new($"{folder}/..2026_01_01_00_00_00.2", "config.yaml")]));
    }

    [Test]
    public void Links_may_be_absolute_and_lead_upwards()
    {
        Directory.CreateDirectory(_folder.At("real/sub"));
        Directory.CreateSymbolicLink(_folder.At("link"), _folder.At("real/sub"));
        File.CreateSymbolicLink(_folder.At("real/sub/file"), "./../target");

        Assert.That(LinkedPath.Resolve(_folder.At("link/file")), Is.EqualTo(
            (LinkedPlace[])[new(_folder.Path, "link"), new(_folder.At("real/sub"), "file"), new(_folder.At("real"), "target")]));
    }

    [Test]
    public void A_link_to_itself_ends()
    {
        File.CreateSymbolicLink(_folder.At("loop"), "loop");

        Assert.That(LinkedPath.Resolve(_folder.At("loop")).Distinct(), Is.EqualTo((LinkedPlace[])[new(_folder.Path, "loop")]));
    }
}
