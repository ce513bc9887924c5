using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Tests.Wire;

public sealed class GrpcTimeoutTests
{
    [TestCase("1H", 36_000_000_000)]
    [TestCase("2M", 1_200_000_000)]
    [TestCase("3S", 30_000_000)]
    [TestCase("4m", 40_000)]
    [TestCase("5u", 50)]
    [TestCase("600n", 6)]
    [TestCase("99999999H", 99_999_999 * TimeSpan.TicksPerHour)]
    public void All_units_are_read(string text, long ticks)
    {
        Assert.That(GrpcTimeout.TryParse(text, out var timeout), Is.True);
        Assert.That(timeout.Ticks, Is.EqualTo(ticks));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase("S")]
    [TestCase("-1S")]
    [TestCase("1 S")]
    [TestCase("1s")]
    [TestCase("123456789S")]
    public void Anything_else_is_malformed(string text) => Assert.That(GrpcTimeout.TryParse(text, out _), Is.False);

    [TestCase(0, "0u")]
    [TestCase(1, "1u")]
    [TestCase(10_000_000, "1000000u")]
    [TestCase(1_000_000_000, "100000m")]
    [TestCase(999_999_990_000, "99999999m")]
    [TestCase(999_999_990_001, "100000S")]
    public void A_time_is_rounded_up_to_the_finest_unit_that_has_room(long ticks, string text) =>
        Assert.That(GrpcTimeout.Format(new TimeSpan(ticks)), Is.EqualTo(text));

    [Test]
    public void The_longest_time_has_a_form() =>
        Assert.That(GrpcTimeout.TryParse(GrpcTimeout.Format(TimeSpan.MaxValue), out _), Is.True);
}
