using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Cdi;

public sealed class CdiSpecFileTests : IDisposable
{
    private const string Kind = "vendor.com/card";
    private const string Name = "plugin.json";

    private readonly TemporaryFolder _folder = new();
    private readonly CdiSpecFile _file;

    public CdiSpecFileTests() => _file = NewInstance();

    private string Target => _folder.At(Name);

    public void Dispose() => _folder.Dispose();

    [Test]
    public void A_specification_is_there_for_everyone_to_read()
    {
        var spec = Spec("card0");

        Assert.That(_file.Put(spec), Is.Null);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Names(), Is.EqualTo(["card0"]));
            Assert.That(File.GetUnixFileMode(Target), Is.EqualTo(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead));
            Assert.That(_file.Holds(spec), Is.True);
            Assert.That(Entries(), Is.EqualTo([Name]));
        }
    }

    [Test]
    public void Another_specification_takes_its_place()
    {
        var (first, second) = (Spec("card0"), Spec("card0", "card1"));
        _file.Put(first);

        _file.Put(second);

        Assert.That(Names(), Is.EqualTo(["card0", "card1"]));
        Assert.That((_file.Holds(first), _file.Holds(second)), Is.EqualTo((false, true)));
    }

    [Test]
    public void The_same_content_is_not_written_again()
    {
        _file.Put(Spec("card0"));
        MakeOld();
        var equal = Spec("card0");

        _file.Put(equal);

        Assert.That(IsOld(), Is.True);
        Assert.That(_file.Holds(equal), Is.True);
    }

    [Test]
    public void A_reader_finds_one_content_or_the_other_whole()
    {
        CdiSpec[] specs = [Spec("card0"), Spec([.. Enumerable.Range(0, 500).Select(index => $"card{index}")])];
        _file.Put(specs[0]);
        using var writing = Task.Run(() =>
        {
            for (var round = 0; round < 200; round++)
                _file.Put(specs[round % 2]);
        });

        var counts = new HashSet<int>();
        while (!writing.IsCompleted)
            counts.Add(CdiDocument.Parse(ReadAsRuntime()).Devices.Count);

        Assert.That(writing.Wait(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(counts, Is.SubsetOf([1, 500]));
        Assert.That(Entries(), Is.EqualTo([Name]));
    }

    [Test]
    public void A_file_that_vanished_is_written_again()
    {
        var spec = Spec("card0");
        _file.Put(spec);
        File.Delete(Target);
        Assert.That(_file.Holds(spec), Is.False);

        _file.Put(spec);

        Assert.That(_file.Holds(spec), Is.True);
    }

    [Test]
    public void It_is_gone_with_the_last_device()
    {
        _file.Put(Spec("card0"));

        Assert.That(_file.Put(null), Is.Null);

        Assert.That(Entries(), Is.Empty);
    }

    [Test]
    public void It_is_removed_in_the_end()
    {
        _file.Put(Spec("card0"));

        Assert.That(_file.Remove(), Is.Null);

        Assert.That(Entries(), Is.Empty);
    }

    [Test]
    public void What_a_killed_run_left_is_replaced()
    {
        File.WriteAllBytes(Target, Spec("card0", "card7").ToJson());
        File.WriteAllText(_folder.At($".{Name}.0123.staged"), "{");

        Assert.That(_file.Put(Spec("card0")), Is.Null);

        Assert.That(Names(), Is.EqualTo(["card0"]));
        Assert.That(Entries(), Is.EqualTo([Name]));
    }

    [Test]
    public void What_a_killed_run_left_is_removed_where_there_is_no_device()
    {
        File.WriteAllBytes(Target, Spec("card7").ToJson());

        Assert.That(_file.Put(null), Is.Null);

        Assert.That(Entries(), Is.Empty);
    }

    [TestCase("""{"cdiVersion":"0.3.0","kind":"other.com/card","devices":[]}""")]
    [TestCase("""{"kind":7}""")]
    [TestCase("[]")]
    [TestCase("mine")]
    [TestCase("")]
    public void The_file_of_somebody_else_is_left_alone(string content)
    {
        File.WriteAllText(Target, content);

        var fault = _file.Put(Spec("card0"));
        _file.Put(null);
        _file.Remove();

        Assert.That(fault, Does.Contain(Target).And.Contain("somebody else").And.Contain("Move it away"));
        Assert.That(File.ReadAllText(Target), Is.EqualTo(content));
    }

    [Test]
    public void An_instance_that_began_later_keeps_the_file_when_the_first_ends()
    {
        var (spec, other) = (Spec("card0"), NewInstance());
        _file.Put(spec);
        other.Put(Spec("card0"));
        Assert.That(_file.Holds(spec), Is.False);

        var fault = _file.Put(spec);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault, Is.Null);
            Assert.That(_file.Holds(spec), Is.True);
            Assert.That(_file.Remove(), Is.Null);
            Assert.That(Names(), Is.EqualTo(["card0"]));
        }
    }

    [Test]
    public void Two_instances_do_not_fight_over_the_file()
    {
        var (spec, other) = (Spec("card0"), NewInstance());
        _file.Put(spec);
        other.Put(Spec("card1"));

        var fault = _file.Put(spec);

        Assert.That(fault, Does.Contain("another instance's"));
        Assert.That(_file.Holds(spec), Is.False);
        Assert.That(Names(), Is.EqualTo(["card1"]));
    }

    [Test]
    public void The_first_instance_writes_again_when_the_other_has_ended()
    {
        var (spec, other) = (Spec("card0"), NewInstance());
        _file.Put(spec);
        other.Put(Spec("card1"));
        _file.Put(spec);

        other.Remove();
        _file.Put(spec);

        Assert.That(Names(), Is.EqualTo(["card0"]));
    }

    [Test]
    public void A_missing_folder_is_told_and_not_made()
    {
        var file = new CdiSpecFile(_folder.At("none"), Name, Kind);

        Assert.That(file.Put(Spec("card0")), Does.Contain($"'{_folder.At("none")}' does not exist").And.Contain("mount it"));
        Assert.That(Directory.Exists(_folder.At("none")), Is.False);
        Assert.That(file.Remove(), Is.Null);
    }

    [Test]
    public void A_folder_that_cannot_be_written_to_is_told()
    {
        // No file can be made here, not even by root.
        var file = new CdiSpecFile("/proc/self", Name, Kind);

        Assert.That(file.Put(Spec("card0")), Does.Contain($"'/proc/self/{Name}' cannot be written").And.Contain("writable"));
    }

    [Test]
    public void What_cannot_be_prepared_leaves_the_content_of_before()
    {
        // The longest name that a file can have, so that the one in which it is prepared cannot be made.
        var name = new string('p', 250) + ".json";
        var file = new CdiSpecFile(_folder.Path, name, Kind);
        var before = Spec("card0").ToJson();
        File.WriteAllBytes(_folder.At(name), before);

        var fault = file.Put(Spec("card1"));

        Assert.That(fault, Does.Contain("cannot be written"));
        Assert.That(File.ReadAllBytes(_folder.At(name)), Is.EqualTo(before));
        Assert.That(Entries(), Is.EqualTo([name]));
    }

    private CdiSpecFile NewInstance() => new(_folder.Path, Name, Kind);

    private static CdiSpec Spec(params string[] devices) =>
        new(Kind, [.. devices.Select(device => new CdiDevice(device, [new($"/dev/{device}", HostPath: null, "rw")]))]);

    private IEnumerable<string> Names() => CdiDocument.Read(Target).Devices.Select(device => device.Name);

    private string[] Entries() => [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path))];

    /// <summary>Without the lock that .NET programs ask for and runtimes do not.</summary>
    private byte[] ReadAsRuntime()
    {
        using var file = new FileStream(Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    private void MakeOld() => File.SetLastWriteTimeUtc(Target, DateTime.UnixEpoch);

    private bool IsOld() => File.GetLastWriteTimeUtc(Target) == DateTime.UnixEpoch;
}
