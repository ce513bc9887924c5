using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests.Sinks;

public sealed class ChangeAnnouncerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ChangeAnnouncer _announcer;
    private int _announced;

    public ChangeAnnouncerTests() => _announcer = new ChangeAnnouncer(() => _announced++, _time);

    [Test]
    public void A_change_in_a_quiet_folder_is_seen_by_itself()
    {
        _announcer.Changed(isOneEvent: true);
        _time.Advance(ChangeAnnouncer.Pause);
        _announcer.Changed(isOneEvent: true);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(_announced, Is.Zero);
    }

    [Test]
    public void A_change_of_two_events_is_announced_once_when_the_watch_sees_again()
    {
        _announcer.Changed(isOneEvent: false);
        _time.Advance(ChangeAnnouncer.Pause - TimeSpan.FromMilliseconds(1));
        Assert.That(_announced, Is.Zero);

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(_announced, Is.EqualTo(1));
    }

    [Test]
    public void Of_many_changes_close_to_each_other_the_last_is_announced()
    {
        for (var change = 0; change < 10; change++)
        {
            _announcer.Changed(isOneEvent: true);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_announced, Is.Zero);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_announced, Is.EqualTo(1));
    }

    [Test]
    public void A_change_soon_after_an_announcement_is_announced_too()
    {
        _announcer.Changed(isOneEvent: false);
        _time.Advance(ChangeAnnouncer.Pause);
        _announcer.Changed(isOneEvent: true);
        _time.Advance(ChangeAnnouncer.Pause);

        Assert.That(_announced, Is.EqualTo(2));
    }

    [Test]
    public void After_the_end_nothing_is_announced()
    {
        _announcer.Changed(isOneEvent: false);
        _announcer.Cancel();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(_announced, Is.Zero);
    }
}
