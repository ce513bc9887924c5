using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

public sealed class Rfc3339Tests
{
    [TestCase("2026-01-31T12:34:56Z", "2026-01-31T12:34:56.0000000")]
    [TestCase("2026-01-31T12:34:56.25Z", "2026-01-31T12:34:56.2500000")]
    [TestCase("2026-01-31T12:34:56,25Z", "2026-01-31T12:34:56.2500000")]
    [TestCase("2026-01-31T1:34:56Z", "2026-01-31T01:34:56.0000000")]
    [TestCase("2026-01-31T12:34:56.123456789012Z", "2026-01-31T12:34:56.1234567")]
    [TestCase("2026-02-01T00:00:00+09:00", "2026-01-31T15:00:00.0000000")]
    [TestCase("2026-01-31T19:30:00-05:30", "2026-02-01T01:00:00.0000000")]
    [TestCase("2026-01-31T00:00:00+24:00", "2026-01-30T00:00:00.0000000")]
    [TestCase("9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59.9999999")]
    [TestCase("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00.0000000")]
    public void A_time_that_Go_takes_is_taken(string text, string utc)
    {
        Assert.That(Rfc3339.TryParse(text, out var time), Is.True);
        Assert.That(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", null), Is.EqualTo(utc));
    }

    [TestCase("2026-01-31")]
    [TestCase("2026-01-31T12:34:56")]
    [TestCase("2026-01-31 12:34:56Z")]
    [TestCase("2026-01-31t12:34:56Z")]
    [TestCase("2026-01-31T12:34:56z")]
    [TestCase("2026-02-30T12:34:56Z")]
    [TestCase("2026-01-31T24:00:00Z")]
    [TestCase("2026-01-31T12:34:60Z")]
    [TestCase("2026-01-31T12:34:56.Z")]
    [TestCase("2026-01-31T12:34:56+0900")]
    [TestCase("2026-01-31T12:34:56+25:00")]
    [TestCase("2026-01-31T12:34:56Z\n")]
    [TestCase("२०२६-01-31T12:34:56Z")]
    [TestCase("1767225600")]
    [TestCase("")]
    public void A_time_that_Go_refuses_is_refused(string text) => Assert.That(Rfc3339.TryParse(text, out _), Is.False);
}
