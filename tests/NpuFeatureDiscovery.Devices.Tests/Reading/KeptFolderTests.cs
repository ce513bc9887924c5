using NpuFeatureDiscovery.Devices.Reading;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

public sealed class KeptFolderTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    public KeptFolderTests() => Directory.CreateDirectory(Path);

    private string Path => _parent.At("folder");

    private string File => System.IO.Path.Combine(Path, "file");

    public void Dispose() => _parent.Dispose();

    [Test]
    public void A_folder_in_which_nothing_happens_is_untouched_from_the_second_look_on()
    {
        var folder = Old();
        folder.LookAgain();
        Assert.That(folder.IsUntouched, Is.False);

        Assert.That(folder.LookAgain(), Is.True);
        Assert.That(folder.IsUntouched, Is.True);
    }

    [Test]
    public void What_is_written_into_a_file_does_not_touch_the_folder()
    {
        System.IO.File.WriteAllText(File, "first");
        var folder = Old();
        folder.LookAgain();

        System.IO.File.WriteAllText(File, "second");

        Assert.That(folder.LookAgain(), Is.True);
        Assert.That(folder.IsUntouched, Is.True);
    }

    [TestCase("replaced")]
    [TestCase("removed")]
    [TestCase("made")]
    public void A_file_that_is_made_removed_or_replaced_touches_the_folder(string what)
    {
        System.IO.File.WriteAllText(File, "first");
        System.IO.File.WriteAllText(_parent.At("other"), "second");
        var folder = Old();
        folder.LookAgain();

        // So that the clock of the file system ticks, until which a change need not show.
        var madeAt = Directory.GetLastWriteTimeUtc(Path);
        do
            Change(what);
        while (Directory.GetLastWriteTimeUtc(Path) == madeAt);

        Assert.That(folder.LookAgain(), Is.True);
        Assert.That(folder.IsUntouched, Is.False);
    }

    [Test]
    public void A_folder_that_has_just_changed_may_change_again_in_the_same_tick()
    {
        var folder = At(Directory.GetLastWriteTimeUtc(Path));
        folder.LookAgain();
        folder.LookAgain();

        Assert.That(folder.IsUntouched, Is.False);
    }

    [Test]
    public void Another_folder_is_told_from_the_one_before()
    {
        var folder = Old();
        folder.LookAgain();
        Directory.Move(Path, _parent.At("moved"));
        Directory.CreateDirectory(Path);

        Assert.That(folder.LookAgain(), Is.False);
        Assert.That(folder.IsUntouched, Is.False);
    }

    [Test]
    public void A_folder_that_is_gone_is_not_untouched()
    {
        var folder = Old();
        folder.LookAgain();
        Directory.Delete(Path);

        Assert.That(folder.LookAgain(), Is.False);
        Assert.That(folder.LookAgain(), Is.True);
        Assert.That(folder.IsUntouched, Is.False);
    }

    /// <summary>An hour after it was made.</summary>
    private KeptFolder Old() => At(TimeProvider.System.GetUtcNow().AddHours(1));

    private KeptFolder At(DateTimeOffset time)
    {
        var clock = new ManualTimeProvider();
        clock.SetClock(time);
        return new KeptFolder(Path, clock);
    }

    private void Change(string what)
    {
        var other = _parent.At("other");
        switch (what)
        {
            case "replaced":
                System.IO.File.Copy(other, other + "2", overwrite: true);
                System.IO.File.Move(other + "2", File, overwrite: true);
                break;
            case "removed":
                System.IO.File.Delete(File);
                System.IO.File.WriteAllText(File, "");
                System.IO.File.Delete(File);
                break;
            default:
                System.IO.File.Delete(File + "2");
                System.IO.File.WriteAllText(File + "2", "");
                break;
        }
    }
}
