using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Cli.Listing;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

public sealed class DoctorTextTests
{
    private static readonly Finding Good = new(FindingLevel.Ok, "driver", "It is loaded.");
    private static readonly Finding Odd = new(FindingLevel.Warning, "sensors", "It is hot.", "The air is.", "Open a window.");
    private static readonly Finding Bad = new(FindingLevel.Problem, "device", "It is dead.", "Nobody knows.", "Bury it.");

    [Test]
    public void Each_finding_has_its_line_with_why_and_what_to_do_below_and_a_last_line_counts() =>
        Assert.That(Draw(Good, Odd, Bad, Bad), Is.EqualTo("""
            OK       driver            It is loaded.
            warning  sensors           It is hot.
                                         The air is.
                                         -> Open a window.
            problem  device            It is dead.
                                         Nobody knows.
                                         -> Bury it.
            problem  device            It is dead.
                                         Nobody knows.
                                         -> Bury it.
            2 problems, 1 warning, 1 OK.

            """));

    [Test]
    public void It_is_readable_at_100_columns()
    {
        var words = string.Join(' ', Enumerable.Repeat("word and another", 30));

        var lines = Draw(new Finding(FindingLevel.Problem, "registration", words, words, words)).Split('\n');

        Assert.That(lines, Has.Length.GreaterThan(15).And.All.Length.LessThanOrEqualTo(100));
    }

    [Test]
    public void A_path_that_is_longer_than_the_line_stays_whole()
    {
        var path = "/" + new string('a', 120);

        Assert.That(Draw(Good with { What = $"There is '{path}' here." }), Does.Contain($" '{path}'\n"));
    }

    [Test]
    public void What_others_say_does_not_move_the_cursor() =>
        Assert.That(Draw(Good with { What = "a\e[2Jb\nc" }), Does.Contain("a?[2Jb c").And.Not.Contain("\e"));

    [Test]
    public void Only_a_terminal_gets_colours()
    {
        Assert.That(Draw(Good, Bad), Does.Not.Contain("\e"));
        Assert.That(DoctorText.Draw(Report(Good, Bad), isColoured: true),
            Does.StartWith("\e[32mOK       \e[0mdriver ").And.Contain("\e[1;31mproblem  \e[0mdevice "));
    }

    [Test]
    public void The_document_has_the_same_lines_and_counts() =>
        Assert.That(DoctorDocument.Create(Report(Good, Odd)).ToJson(), Is.EqualTo("""
            {
              "node": "node-1",
              "time": "2026-01-01T00:00:00+00:00",
              "worst": "warning",
              "problems": 0,
              "warnings": 1,
              "ok": 1,
              "findings": [
                {
                  "level": "ok",
                  "check": "driver",
                  "what": "It is loaded.",
                  "why": null,
                  "remedy": null
                },
                {
                  "level": "warning",
                  "check": "sensors",
                  "what": "It is hot.",
                  "why": "The air is.",
                  "remedy": "Open a window."
                }
              ]
            }

            """));

    private static string Draw(params Finding[] findings) => DoctorText.Draw(Report(findings), isColoured: false);

    private static DoctorReport Report(params Finding[] findings) =>
        new("node-1", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), findings);
}
