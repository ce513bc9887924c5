namespace NpuFeatureDiscovery.Devices.Tests;

public sealed class PciAddressTests
{
    [TestCase("0000:6d:00.0", "0000:6d:00.0")]
    [TestCase("0000:FF:1F.7", "0000:ff:1f.7")]
    [TestCase("10000:01:00.0", "10000:01:00.0")]
    public void An_address_is_read_in_either_case_and_written_in_lower_case(string text, string expected) =>
        Assert.That(PciAddress.Parse(text).ToString(), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("6d:00.0")]
    [TestCase("000:6d:00.0")]
    [TestCase("0000:6d:00.8")]
    [TestCase("0000:6d:20.0")]
    [TestCase("0000:6d:00")]
    [TestCase("0000:6d:00.0 ")]
    [TestCase("0000:6g:00.0")]
    [TestCase("123456789:6d:00.0")]
    public void Other_text_is_refused_and_the_error_shows_the_form(string text) =>
        Assert.That(() => PciAddress.Parse(text), Throws.TypeOf<FormatException>()
            .With.Message.Contain($"'{text}'").And.Message.Contain("0000:6d:00.0"));
}
