using NpuFeatureDiscovery.Devices.Reading;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

public sealed class KeptFileTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly KeptFile _file;

    public KeptFileTests() => _file = new KeptFile(_host.At("/file"));

    public void Dispose()
    {
        _file.Dispose();
        _host.Dispose();
    }

    [Test]
    public void A_file_that_changes_in_place_stays_open_and_is_read_from_its_beginning()
    {
        File.WriteAllText(_host.At("/file"), "first\n");
        _file.Read();
        var handles = Handles();

        File.WriteAllText(_host.At("/file"), " second \n");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_file.Read(), Is.EqualTo(new FileReading(FileState.Present, "second")));
            Assert.That(Handles(), Is.EqualTo(handles).And.Length.EqualTo(1));
        }
    }

    [Test]
    public void A_file_that_another_takes_the_place_of_is_opened_anew()
    {
        _host.Write("/file", "first");
        _file.Read();

        _host.Write("/file", "second");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_file.Read().Text, Is.EqualTo("second"));
            Assert.That(Handles(), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void A_file_whose_reading_fails_is_opened_anew()
    {
        _host.Write("/file", "1");
        _file.Read();

        _host.MakeUnreadable("/file");
        var failed = _file.Read();
        _host.Write("/file", "2");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failed, Is.EqualTo(new FileReading(FileState.Unreadable, Error: "Input/output error")));
            Assert.That(_file.Read().Text, Is.EqualTo("2"));
        }
    }

    [Test]
    public void A_file_that_is_gone_is_absent_and_closed()
    {
        _host.Write("/file", "1");
        _file.Read();

        _host.Delete("/file");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_file.Read().State, Is.EqualTo(FileState.Absent));
            Assert.That(Handles(), Is.Empty);
        }
    }

    [Test]
    public void A_file_that_nobody_may_read_says_so()
    {
        _host.MakeDenied("/file");

        Assert.That(_file.Read(), Is.EqualTo(new FileReading(FileState.Unreadable, Error: "Permission denied", IsDenied: true)));
    }

    [Test]
    public void A_file_that_is_too_long_for_an_attribute_is_unreadable()
    {
        _host.Write("/file", new string('1', 10_000_000));

        Assert.That(_file.Read().Error, Does.Contain("4096"));
    }

    /// <summary>The handles of the process that lead into the test's folder, also to a file that is gone.</summary>
    private string[] Handles() =>
        [.. Directory.GetFiles("/proc/self/fd").Where(fd => new FileInfo(fd).LinkTarget?.StartsWith(_host.At("/file"), StringComparison.Ordinal) == true)];
}
