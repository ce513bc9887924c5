namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

public sealed class RepositoryTests
{
    [TestCase("deploy")]
    [TestCase("nfd")]
    [TestCase("samples/workloads")]
    [CancelAfter(60_000)]
    public async Task Every_object_with_a_schema_is_right_by_it(string folder, CancellationToken token)
    {
        var objects = YamlFile.Names(folder).SelectMany(YamlFile.Read)
            .Where(made => made.At("kind") is not null && ObjectSchema.IsKeptFor(made)).ToArray();

        Assert.That(objects, Is.Not.Empty);
        foreach (var made in objects)
            Assert.That(await ObjectSchema.ErrorsAsync(made, token), Is.Empty, $"{made["kind"]} {made["metadata"]["name"]}");
    }
}
