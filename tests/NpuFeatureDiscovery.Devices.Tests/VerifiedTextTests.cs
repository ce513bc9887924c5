using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class VerifiedTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void The_first_line_that_differs_is_shown_and_what_was_received_stands_beside()
    {
        File.WriteAllText(_folder.At("a.verified.txt"), "one\ntwo\n");

        var difference = Difference("one\ntwo?\nthree\n");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(difference, Does.Contain("line 2\nverified: two\nreceived: two?\n"));
            Assert.That(difference, Does.EndWith($"mv {_folder.At("a.received.txt")} {_folder.At("a.verified.txt")}"));
            Assert.That(File.ReadAllText(_folder.At("a.received.txt")), Is.EqualTo("one\ntwo?\nthree\n"));
        }
    }

    [Test]
    public void Nothing_is_said_and_nothing_left_behind_where_the_texts_are_equal()
    {
        File.WriteAllText(_folder.At("a.verified.txt"), "one\n");
        Difference("two\n");

        Assert.That(Difference("one\n"), Is.Null);
        Assert.That(Directory.GetFiles(_folder.Path), Is.EqualTo([_folder.At("a.verified.txt")]));
    }

    [Test]
    public void Before_the_first_text_is_verified_every_line_differs() =>
        Assert.That(Difference("one\n"), Does.Contain("line 1\n").And.Contain("received: one\n"));

    private string? Difference(string received) => VerifiedText.Difference(received, "a", _folder.At("Tests.cs"));
}
