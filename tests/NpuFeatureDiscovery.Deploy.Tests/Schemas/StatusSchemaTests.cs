using NJsonSchema;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>The published schema of <c>/status.json</c>, by texts that the program's own tests hold it to.</summary>
[CancelAfter(60_000)]
public sealed class StatusSchemaTests
{
    [Test]
    public async Task What_the_program_says_is_right_by_it(
        [Values("mixed", "degraded")] string sample, CancellationToken token)
    {
        var schema = await JsonSchema.FromFileAsync(Repository.At("deploy/status.schema.json"), token);

        var errors = schema.Validate(await File.ReadAllTextAsync(TextOf(sample), token));

        Assert.That(errors.Select(error => error.ToString()), Is.Empty);
    }

    [TestCase("\"isRunning\": true", "\"isRunning\": \"yes\"")]
    [TestCase("\"readProblems\"", "\"problems\"")]
    [TestCase("\"state\": \"held\"", "\"state\": \"taken\"")]
    public async Task What_is_another_document_is_refused(string text, string other, CancellationToken token)
    {
        var schema = await JsonSchema.FromFileAsync(Repository.At("deploy/status.schema.json"), token);
        var document = await File.ReadAllTextAsync(TextOf("mixed"), token);
        Assert.That(document, Does.Contain(text));

        Assert.That(schema.Validate(document.Replace(text, other, StringComparison.Ordinal)), Is.Not.Empty);
    }

    private static string TextOf(string sample) =>
        Repository.At($"tests/NpuFeatureDiscovery.Cli.Tests/Status/status.{sample}.verified.txt");
}
