namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class NpuVersionTests
{
    private static readonly TestCaseData[] KnownForms =
    [
        new("1.9.2, 3def9c2", new NpuVersion(1, 9, 2, null, "3def9c2")),
        new("v1.1.0, 12180b0", new NpuVersion(1, 1, 0, null, "12180b0")),
        new("V1.1.0,12180b0", new NpuVersion(1, 1, 0, null, "12180b0")),
        new("1.10.0(rc1), 3def9c2", new NpuVersion(1, 10, 0, "rc1", "3def9c2")),
        new("1.10.0 (rc1), 3def9c2", new NpuVersion(1, 10, 0, "rc1", "3def9c2")),
        new("1.10.0-rc.1, 3def9c2", new NpuVersion(1, 10, 0, "rc.1", "3def9c2")),
        new("1.10.0(), 3def9c2", new NpuVersion(1, 10, 0, null, "3def9c2")),
        new("2025.1.0+696efad", new NpuVersion(2025, 1, 0, null, "696efad")),
        new("1.9.2", new NpuVersion(1, 9, 2)),
        new("1.9.2,", new NpuVersion(1, 9, 2)),
        new(" 1.9.2, 3def9c2\n", new NpuVersion(1, 9, 2, null, "3def9c2")),
        new("1.9.2, 3def9c2 (dirty)", new NpuVersion(1, 9, 2, null, "3def9c2 (dirty)")),
    ];

    [TestCaseSource(nameof(KnownForms))]
    public void Every_generation_of_version_text_is_read(string text, NpuVersion expected)
    {
        Assert.That(NpuVersion.TryParse(text, out var version), Is.True);
        Assert.That(version, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase(", 3def9c2")]
    [TestCase("2.8")]
    [TestCase("1.9.2.4, 3def9c2")]
    [TestCase("1.9.x, 3def9c2")]
    [TestCase("1.9.2rc1, 3def9c2")]
    [TestCase("1.9.99999999999, 3def9c2")]
    [TestCase("-1.9.2")]
    [TestCase("vv1.9.2")]
    [TestCase("garbage")]
    [TestCase("١.٢.٣")]
    public void A_text_without_three_numbers_is_no_version(string text) =>
        Assert.That(NpuVersion.TryParse(text, out _), Is.False);

    [TestCase("v1.10.0(rc1), 3def9c2", ExpectedResult = "1.10.0-rc1")]
    [TestCase("1.9.2, 3def9c2", ExpectedResult = "1.9.2")]
    public string? A_version_writes_its_prerelease_in_one_way_and_leaves_the_reference_out(string text) =>
        NpuVersion.TryParse(text, out var version) ? version.ToString() : null;
}
