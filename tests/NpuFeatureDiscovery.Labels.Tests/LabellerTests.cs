using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Labels.Tests;

public sealed class LabellerTests
{
    [Test]
    public void A_labeller_sees_the_node_and_adds_to_the_labels_of_the_profiles()
    {
        var labeller = new Labeller((node, labels) => labels.Add("example.com/first-npu", node.Devices[0].Name));

        var labels = LinesOf(new LabelOptions(), labeller);

        Assert.That(labels, Does.Contain("example.com/first-npu=npu0").And.Contain("beta.furiosa.ai/npu.count=1"));
    }

    [Test]
    public void An_equal_key_takes_the_value_of_the_later_labeller()
    {
        var labels = LinesOf(
            new LabelOptions(),
            new Labeller((_, labels) => labels.Add("beta.furiosa.ai/machine.name", "rack-7")),
            new Labeller((_, labels) => labels.Add("beta.furiosa.ai/machine.name", "rack-8")));

        Assert.That(labels, Does.Contain("beta.furiosa.ai/machine.name=rack-8"));
    }

    [Test]
    public void A_label_of_the_options_wins_over_a_labeller()
    {
        var options = new LabelOptions { StaticLabels = [Label.Create("example.com/rack", "9")] };

        var labels = LinesOf(options, new Labeller((_, labels) => labels.Add("example.com/rack", 7)));

        Assert.That(labels, Does.Contain("example.com/rack=9"));
    }

    [Test]
    public void Nothing_illegal_comes_of_a_labeller_and_what_was_refused_is_remarked()
    {
        var labels = LabelEngine.Create(
            Nodes.Of(), new LabelOptions(), [new Labeller((_, labels) => labels.Add("no key", "value"))]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(labels.Labels.Select(label => label.Key), Has.None.Contains("no key"));
            Assert.That(labels.Remarks.Single().Message, Does.Contain("'no key'"));
        }
    }

    [Test]
    public void A_labeller_that_throws_fails_the_pass_by_name_and_cause()
    {
        var cause = new InvalidOperationException("the rack is not known");

        Assert.That(
            () => LinesOf(new LabelOptions(), new Labeller((_, _) => throw cause)),
            Throws.TypeOf<LabelPublishException>().With.InnerException.SameAs(cause)
                .And.Message.Contains($"'{typeof(Labeller)}'").And.Message.Contains("the rack is not known"));
    }

    [Test]
    public void Where_a_node_without_NPU_has_no_label_labellers_are_not_asked()
    {
        var options = new LabelOptions { NoDevice = NoDevicePolicy.Remove };
        var labeller = new Labeller((_, _) => Assert.Fail("Asked."));

        Assert.That(LabelEngine.Create(Nodes.Of(), options, [labeller]).Labels, Is.Empty);
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task Registered_labellers_are_asked_at_every_pass_and_a_failed_pass_publishes_nothing(CancellationToken token)
    {
        using var output = new StringWriter();
        var failing = new Labeller((_, labels) => labels.Add("example.com/rack", 7));
        await using var services = new ServiceCollection()
            .AddSingleton<ILoggerProvider, LogSink>().AddLogging()
            .AddSingleton<ILabelSink>(new TextWriterSink(output))
            .AddNpuLabels()
            .AddSingleton<ILabeller>(failing)
            .AddSingleton<ILabeller, Mine>()
            .BuildServiceProvider();
        var publisher = services.GetRequiredService<LabelPublisher>();

        await publisher.PublishAsync(Nodes.Of(), token);
        var published = output.ToString();
        failing.Add = (_, _) => throw new InvalidOperationException("broken");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(published, Does.Contain("example.com/mine=yes\n").And.Contain("example.com/rack=7\n"));
            Assert.That(async () => await publisher.PublishAsync(Nodes.Of(), token), Throws.TypeOf<LabelPublishException>());
            Assert.That(output.ToString(), Is.EqualTo(published));
        }
    }

    private static IEnumerable<string> LinesOf(LabelOptions options, params ILabeller[] labellers) =>
        LabelEngine.Create(Nodes.Of(Nodes.Warboy(0)), options, labellers).Labels.Select(label => label.ToString());

    private sealed class Labeller(Action<NodeSnapshot, LabelSetBuilder> add) : ILabeller
    {
        public Action<NodeSnapshot, LabelSetBuilder> Add { get; set; } = add;

        public void AddLabels(NodeSnapshot node, LabelSetBuilder labels) => Add(node, labels);
    }

    private sealed class Mine : ILabeller
    {
        public void AddLabels(NodeSnapshot node, LabelSetBuilder labels) => labels.Add("example.com/mine", "yes");
    }
}
