using System.Net;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class NodeNameTests
{
    private readonly Dictionary<string, string> _environment = new() { ["NODE_NAME"] = "a", ["K8S_NODE_NAME"] = "b" };

    [Test]
    public void The_command_line_comes_first() => Assert.That(NodeName.Choose("c", Environment), Is.EqualTo("c"));

    [Test]
    public void Then_comes_the_variable_of_the_manifests() => Assert.That(NodeName.Choose(null, Environment), Is.EqualTo("a"));

    [TestCase(null)]
    [TestCase("")]
    public void Then_comes_that_of_the_older_manifests(string? nodeName)
    {
        _environment["NODE_NAME"] = nodeName!;

        Assert.That(NodeName.Choose(null, Environment), Is.EqualTo("b"));
    }

    [Test]
    public void Then_comes_the_host_s_name()
    {
        _environment.Clear();

        Assert.That(NodeName.Choose(null, Environment), Is.EqualTo(Dns.GetHostName()).IgnoreCase);
    }

    [Test]
    public void Who_asks_for_no_guess_gets_what_is_said_and_nothing_else()
    {
        var found = (NodeName.Find("c", Environment), NodeName.Find(null, Environment));
        _environment.Clear();

        Assert.That((found, NodeName.Find(null, Environment)), Is.EqualTo((("c", "a"), (string?)null)));
    }

    [TestCase("../../apis")]
    [TestCase("..")]
    [TestCase("a/status")]
    [TestCase("a,metadata.name!=b")]
    [TestCase("a\nb")]
    [TestCase("Node_1")]
    public void What_is_no_name_of_a_Node_is_refused_from_wherever_it_comes(string name)
    {
        Assert.That(
            () => NodeName.Choose(name, Environment), Throws.TypeOf<UsageException>().With.Message.StartsWith("Option '--node-name': "));

        _environment["K8S_NODE_NAME"] = name;
        _environment["NODE_NAME"] = "";
        Assert.That(
            () => NodeName.Find(null, Environment),
            Throws.TypeOf<UsageException>().With.Message.StartsWith($"Variable 'K8S_NODE_NAME': '{name}' is no name of a Node: "));
    }

    private string? Environment(string name) => _environment.GetValueOrDefault(name);
}
