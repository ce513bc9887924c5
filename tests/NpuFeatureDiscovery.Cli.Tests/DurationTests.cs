namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class DurationTests
{
    [TestCase("60", ExpectedResult = 60)]
    [TestCase("90s", ExpectedResult = 90)]
    [TestCase("5m", ExpectedResult = 300)]
    [TestCase("24h", ExpectedResult = 86400)]
    [TestCase("2147483647", ExpectedResult = 2147483647)]
    [TestCase("2147483647h", ExpectedResult = null)]
    [TestCase("0", ExpectedResult = 0)]
    [TestCase("", ExpectedResult = null)]
    [TestCase("s", ExpectedResult = null)]
    [TestCase("1d", ExpectedResult = null)]
    [TestCase("-1", ExpectedResult = null)]
    [TestCase("1 s", ExpectedResult = null)]
    [TestCase("9999999999", ExpectedResult = null)]
    public long? A_number_counts_seconds_unless_a_unit_stands_behind_it(string text) =>
        Duration.TryParse(text, out var value) ? (long)value.TotalSeconds : null;
}
