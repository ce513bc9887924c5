using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

public sealed class NfdVersionTests
{
    [TestCase("0.8", "0.8")]
    [TestCase("v0.8.2", "0.8")]
    [TestCase("0.9.0", "0.9")]
    [TestCase("0.10", "0.10 to 0.13")]
    [TestCase("0.13.6", "0.10 to 0.13")]
    [TestCase("0.14", "0.14")]
    [TestCase("0.15.7", "0.15 to 0.18")]
    [TestCase("v0.18.3-minimal", "0.15 to 0.18")]
    [TestCase("v0.18.0-devel-72-gab12cd3", "0.15 to 0.18")]
    [TestCase("0.19", "0.19")]
    public void A_version_or_the_tag_of_an_image_belongs_to_a_profile(string text, string profile) =>
        Assert.That(NfdVersion.Parse(text).Profile, Is.EqualTo(profile));

    [TestCase("0.7")]
    [TestCase("0.20")]
    [TestCase("1.0")]
    [TestCase("18")]
    [TestCase("0.18 ")]
    [TestCase("0.10-0.13")]
    [TestCase("latest")]
    [TestCase("")]
    public void Of_an_unknown_version_it_is_said_which_are_known(string text) => Assert.That(
        () => NfdVersion.Parse(text), Throws.TypeOf<FormatException>().With.Message.StartWith($"NFD version '{text}' is unknown")
            .And.Message.Contain("known are 0.8 to 0.19"));

    [Test]
    public void Twelve_versions_are_known_and_the_last_is_the_newest()
    {
        Assert.That(NfdVersion.Known.Select(version => version.ToString()), Is.EqualTo(
            ["0.8", "0.9", "0.10", "0.11", "0.12", "0.13", "0.14", "0.15", "0.16", "0.17", "0.18", "0.19"]));
        Assert.That(NfdVersion.Newest.ToString(), Is.EqualTo("0.19"));
    }
}
