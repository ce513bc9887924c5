using NpuFeatureDiscovery.Deploy.Tests.Schemas;
using NpuFeatureDiscovery.Testing;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests;

public sealed class YamlTests
{
    private static string[] Files => YamlFile.Names("deploy");

    [TestCaseSource(nameof(Files))]
    public void Every_document_names_what_it_is(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.At(file))));

        Assert.That(stream.Documents, Is.Not.Empty);
        foreach (var document in stream.Documents)
            Assert.That(((YamlMappingNode)document.RootNode).Children.Keys, Does.Contain(new YamlScalarNode("apiVersion"))
                .And.Contain(new YamlScalarNode("kind")));
    }
}
