using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Grpc.Tests.Wire;

public sealed class PercentEncodingTests
{
    [TestCase("a b~", "a b~")]
    [TestCase("100 %", "100 %25")]
    [TestCase("ü\n", "%C3%BC%0A")]
    [TestCase("안", "%EC%95%88")]
    public void All_but_visible_ASCII_is_encoded(string text, string encoded)
    {
        Assert.That(PercentEncoding.Encode(text), Is.EqualTo(encoded));
        Assert.That(PercentEncoding.Decode(encoded), Is.EqualTo(text));
    }

    [TestCase("%")]
    [TestCase("%4")]
    [TestCase("100 % sure")]
    [TestCase("%zz")]
    public void What_is_not_encoded_stays_as_it_is(string text) => Assert.That(PercentEncoding.Decode(text), Is.EqualTo(text));
}
