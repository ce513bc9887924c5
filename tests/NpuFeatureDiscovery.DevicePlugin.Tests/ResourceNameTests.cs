namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class ResourceNameTests
{
    [TestCase("beta.furiosa.ai/npu")]
    [TestCase("furiosa.ai/warboy-2core.16gb")]
    [TestCase("a/B_c.d")]
    [TestCase("furiosa.ai/{family}")]
    [TestCase("{family}.furiosa.ai/{product}")]
    public void A_name_is_a_domain_and_a_name(string text) =>
        Assert.That(DevicePluginOptions.ResourceNameError(text), Is.Null);

    [TestCase("npu", "'/'")]
    [TestCase("", "'/'")]
    [TestCase("a/b/c", "'/'")]
    [TestCase("kubernetes.io/npu", "Kubernetes' own")]
    [TestCase("beta.kubernetes.io/npu", "Kubernetes' own")]
    [TestCase("requests.furiosa.ai/npu", "quotas")]
    [TestCase("Furiosa.ai/npu", "'Furiosa.ai' is no domain")]
    [TestCase("-a.ai/npu", "'-a.ai' is no domain")]
    [TestCase("a..ai/npu", "'a..ai' is no domain")]
    [TestCase("/npu", "'' is no domain")]
    [TestCase("furiosa.ai/", "'' is no name")]
    [TestCase("furiosa.ai/-npu", "'-npu' is no name")]
    [TestCase("furiosa.ai/n pu", "'n pu' is no name")]
    [TestCase("furiosa.ai/0123456789012345678901234567890123456789012345678901234567890123", "63")]
    [TestCase("furiosa.ai/{card}", "{family} and {product}")]
    [TestCase("furiosa.ai/{family", "{family} and {product}")]
    public void Another_text_is_refused_with_the_rule(string text, string rule) =>
        Assert.That(DevicePluginOptions.ResourceNameError(text), Does.Contain(rule));

    [Test]
    public void A_domain_leaves_room_for_the_prefix_of_quotas()
    {
        var longest = string.Join('.', Enumerable.Repeat("0123456789012345678901234567890", 8))[..244];

        Assert.That(DevicePluginOptions.ResourceNameError($"{longest}/npu"), Is.Null);
        Assert.That(DevicePluginOptions.ResourceNameError($"{longest}a/npu"), Does.Contain("244"));
    }

    [Test]
    public void Without_braces_every_card_is_of_one_resource()
    {
        var template = new ResourceNameTemplate("beta.furiosa.ai/npu");

        Assert.That(template.Of(Cards.Rngd(0)), Is.EqualTo(new Resource("beta.furiosa.ai/npu", "")).And.EqualTo(template.Single));
    }

    [TestCase("furiosa.ai/{family}", "furiosa.ai/warboy", "-warboy")]
    [TestCase("furiosa.ai/{product}", "furiosa.ai/warboyB0", "-warboyB0")]
    [TestCase("{family}.furiosa.ai/{product}", "warboy.furiosa.ai/warboyB0", "-warboy-warboyB0")]
    public void What_stands_in_braces_depends_on_the_card(string text, string name, string socketSuffix)
    {
        var template = new ResourceNameTemplate(text);

        Assert.That(template.Single, Is.Null);
        Assert.That(template.Of(Cards.Warboy(0)), Is.EqualTo(new Resource(name, socketSuffix)));
    }
}
