using NpuFeatureDiscovery.DevicePlugin.Cdi;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Cdi;

public sealed class CdiSpecTests
{
    private static readonly CdiDeviceNode Node = new("/dev/card0", HostPath: null, "rw");

    [Test]
    public void A_specification_is_a_document_that_a_runtime_reads()
    {
        var document = CdiDocument.Parse(new CdiSpec("vendor.com/card", [new("card0", [Node]), new("card1", [Node])]).ToJson());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(document.Kind, Is.EqualTo("vendor.com/card"));
            Assert.That(document.Devices.Select(device => device.Name), Is.EqualTo(["card0", "card1"]));
            Assert.That(document.Devices[0].Nodes, Is.EqualTo([new CdiDocument.Node("/dev/card0", "/dev/card0", "rw")]));
        }
    }

    [TestCase("vendor.com/card", "card0", null, "0.3.0")]
    [TestCase("vendor.com/card", "0", null, "0.5.0")]
    [TestCase("vendor.com/card", "card0", "/dev/other", "0.5.0")]
    [TestCase("vendor.com/card.small", "0", "/dev/other", "0.6.0")]
    public void The_version_is_the_lowest_that_fits(string kind, string device, string? hostPath, string version)
    {
        var spec = new CdiSpec(kind, [new(device, [Node with { HostPath = hostPath }])]);

        Assert.That(CdiDocument.Parse(spec.ToJson()).CdiVersion, Is.EqualTo(version));
    }

    [Test]
    public void What_runtimes_would_refuse_cannot_be_made()
    {
        CdiDevice device = new("card0", [Node]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new CdiSpec("card", [device]), Throws.ArgumentException.With.Message.Contains("'card' is no kind"));
            Assert.That(() => new CdiSpec("vendor.com/card", []), Throws.ArgumentException.With.Message.Contains("has none"));
            Assert.That(() => new CdiSpec("vendor.com/card", [device, device]),
                Throws.ArgumentException.With.Message.Contains("'vendor.com/card=card0' is there more than once"));
            Assert.That(() => new CdiDevice("card 0", [Node]), Throws.ArgumentException.With.Message.Contains("'card 0' is no name"));
            Assert.That(() => new CdiDevice("card0", []), Throws.ArgumentException.With.Message.Contains("no device node"));
        }
    }

    [Test]
    public void An_annotation_names_all_devices_under_a_key_of_the_first()
    {
        var annotation = CdiAnnotation.Create(["vendor.com/card=card0", "vendor.com/card=card1"]);

        Assert.That(annotation, Is.EqualTo(new CdiAnnotation(
            "cdi.k8s.io/vendor.com.card_card0", "vendor.com/card=card0,vendor.com/card=card1")));
    }
}
