using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabelEngineTests
{
    [Test]
    public void A_node_without_NPU_counts_zero_and_names_its_machine() =>
        Assert.That(Lines(LabelEngine.Create(Nodes.Of(), new LabelOptions())), Is.EqualTo([
            "beta.furiosa.ai/machine.name=SYS-421GE-TNRT",
            "beta.furiosa.ai/machine.vendor=Supermicro",
            "beta.furiosa.ai/npu.count=0"]));

    [Test]
    public void A_node_without_NPU_has_no_label_where_that_is_asked_for()
    {
        var options = new LabelOptions { NoDevice = NoDevicePolicy.Remove, StaticLabels = [Label.Create("example.com/a", "b")] };

        Assert.That(LabelEngine.Create(Nodes.Of(), options).Labels, Is.Empty);
    }

    [Test]
    public void A_profile_name_is_found_in_either_case()
    {
        var options = new LabelOptions { Profiles = ["BETA"] };

        Assert.That(LabelEngine.Create(Nodes.Of(), options).Labels, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_profile_that_is_named_twice_is_asked_once()
    {
        var node = Nodes.Of() with { Machine = new Machine("Super Micro, Inc.", null) };

        var labels = LabelEngine.Create(node, new LabelOptions { Profiles = ["beta", "BETA", "beta"] });

        Assert.That(labels, Is.EqualTo(LabelEngine.Create(node, new LabelOptions())));
    }

    [Test]
    public void An_unknown_profile_is_refused_by_name() =>
        Assert.That(
            () => LabelEngine.Create(Nodes.Of(), new LabelOptions { Profiles = ["gamma"] }),
            Throws.ArgumentException.With.Message.Contain("'gamma'"));

    [Test]
    public void A_label_of_ones_own_wins_and_says_over_what()
    {
        var options = new LabelOptions
        {
            StaticLabels = [Label.Create("beta.furiosa.ai/machine.name", "rack-7"), Label.Create("example.com/a", "b")],
        };

        var labels = LabelEngine.Create(Nodes.Of(), options);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Lines(labels), Does.Contain("beta.furiosa.ai/machine.name=rack-7").And.Contain("example.com/a=b"));
            Assert.That(labels.Remarks.Single().Message, Does.Contain("rack-7").And.Contain("SYS-421GE-TNRT"));
        }
    }

    [Test]
    public void Text_that_had_to_be_changed_is_remarked_with_both_texts()
    {
        var node = Nodes.Of() with { Machine = new Machine("Super Micro, Inc.", "()") };

        var labels = LabelEngine.Create(node, new LabelOptions());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Lines(labels), Does.Contain("beta.furiosa.ai/machine.vendor=Super-Micro-Inc"));
            Assert.That(Lines(labels), Has.None.Contains("machine.name"));
            Assert.That(labels.Remarks.Select(remark => remark.Key), Is.EqualTo(
                ["beta.furiosa.ai/machine.vendor", "beta.furiosa.ai/machine.name"]));
            Assert.That(labels.Remarks[0].Message, Does.Contain("'Super-Micro-Inc'").And.Contain("'Super Micro, Inc.'"));
            Assert.That(labels.Remarks[1].Message, Does.Contain("'()'"));
        }
    }

    [Test]
    public void Labels_are_sorted_by_the_bytes_of_their_keys()
    {
        var keys = LabelEngine.Create(Nodes.Of(Nodes.Warboy(0)), new LabelOptions()).Labels.Select(label => label.Key);

        Assert.That(keys, Is.Ordered.Using<string>(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Lines(LabelSet labels) => labels.Labels.Select(label => label.ToString());
}
