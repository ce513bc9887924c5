using NpuFeatureDiscovery.DevicePlugin.Cdi;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Cdi;

public sealed class CdiNameTests
{
    [TestCase("furiosa.ai/npu")]
    [TestCase("vendor.com/a")]
    [TestCase("foo.bar.baz/foo-bar123.B_az")]
    public void A_kind_is_a_vendor_and_a_class(string text) => Assert.That(CdiName.KindError(text), Is.Null);

    [TestCase("npu", "one '/'")]
    [TestCase("vendor.com/class/more", "one '/'")]
    [TestCase("vendor.com/", "begin with a letter")]
    [TestCase("/class", "begin with a letter")]
    [TestCase("3m.com/class", "begin with a letter")]
    [TestCase("vendor.com/0class", "begin with a letter")]
    [TestCase("vendor.com./class", "end with a letter or digit")]
    [TestCase("vendor.com/cl ass", "between")]
    [TestCase("vendor.com/cl:ass", "between")]
    public void Another_kind_is_refused_with_the_rule(string text, string rule) =>
        Assert.That(CdiName.KindError(text), Does.Contain(rule).And.Contain("vendor.com/class"));

    [Test]
    public void A_class_has_at_most_63_characters()
    {
        Assert.That(CdiName.KindError("vendor.com/" + new string('c', 63)), Is.Null);
        Assert.That(CdiName.KindError("vendor.com/" + new string('c', 64)), Does.Contain("63"));
    }

    [TestCase("npu0")]
    [TestCase("npu0pe0-1")]
    [TestCase("0000:27:00.0")]
    [TestCase("A76AAD68-6855-40B1-9E86-D080852D1C84_cores_0")]
    public void A_device_has_letters_digits_and_some_signs(string text) => Assert.That(CdiName.DeviceError(text), Is.Null);

    [TestCase("")]
    [TestCase("-npu0")]
    [TestCase("npu0:")]
    [TestCase("npu 0")]
    [TestCase("npu0=1")]
    [TestCase("n\u00fcu0")]
    [TestCase("npu0\n")]
    public void Another_device_is_refused_with_the_rule(string text) =>
        Assert.That(CdiName.DeviceError(text), Does.Contain("letter or digit"));
}
