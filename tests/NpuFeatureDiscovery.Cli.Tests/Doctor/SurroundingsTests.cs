using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

public sealed class SurroundingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("1 0 0:30 / / rw,relatime - overlay overlay rw,lowerdir=/a", true)]
    [TestCase("1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n2 1 0:31 / /var/lib/docker/x rw - overlay overlay rw", false)]
    [TestCase("", false)]
    public void A_root_of_layers_is_a_container_s(string mountInfo, bool isContainer)
    {
        File.WriteAllText(_folder.At("mountinfo"), mountInfo);

        Assert.That(Surroundings.HasLayeredRoot(_folder.At("mountinfo")), Is.EqualTo(isContainer));
    }

    [Test]
    public void A_Pod_is_known_by_its_environment() =>
        Assert.That(Surroundings.IsContainer(name => name == "KUBERNETES_SERVICE_HOST" ? "10.0.0.1" : null), Is.True);

    [Test]
    public void What_a_user_may_do_is_found_out_without_doing_it()
    {
        Assert.That(FileRights.ReadError(_folder.Path), Is.Null);
        Assert.That(FileRights.WriteError(_folder.Path), Is.Null);
        // No user may make a file there, root neither.
        Assert.That(FileRights.WriteError("/proc/sys/net"), Is.EqualTo($"may not be written by user {FileRights.UserId} (Permission denied)"));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }
}
