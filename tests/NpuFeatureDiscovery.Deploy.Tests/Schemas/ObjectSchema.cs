using System.Runtime.CompilerServices;
using NJsonSchema;
using NJsonSchema.Validation;
using YamlDotNet.RepresentationModel;

namespace NpuFeatureDiscovery.Deploy.Tests.Schemas;

/// <summary>
/// What the published API references say of the kinds of object that Kubernetes 1.20 does not serve: a file
/// <c>{group}_{version}_{kind}.json</c> in this folder. It holds the fields that we use and their like, and refuses every other, as a
/// client that validates refuses a misspelt one.
/// </summary>
internal static class ObjectSchema
{
    /// <summary>Whether there is a schema for the kind of an object.</summary>
    public static bool IsKeptFor(YamlNode made) => File.Exists(PathOf(made));

    /// <summary>Compares an object with the schema of its kind, which there has to be.</summary>
    /// <returns>What is wrong with it and where; nothing where it is right.</returns>
    public static async Task<string[]> ErrorsAsync(YamlNode made, CancellationToken token)
    {
        var schema = await JsonSchema.FromFileAsync(PathOf(made), token);
        var errors = schema.Validate(YamlJson.Convert(made)!.ToJsonString());
        return [.. errors.SelectMany(Leaves).Select(error => $"{error.Path}: {error.Kind}")];
    }

    /// <summary>What is behind an error of allOf, anyOf or oneOf.</summary>
    private static IEnumerable<ValidationError> Leaves(ValidationError error) =>
        error is ChildSchemaValidationError parent && parent.Errors.Any(child => child.Value.Count > 0)
            ? parent.Errors.SelectMany(child => child.Value).SelectMany(Leaves)
            : [error];

    private static string PathOf(YamlNode made, [CallerFilePath] string thisFile = "") => Path.Combine(
        Path.GetDirectoryName(thisFile)!, $"{(string?)made["apiVersion"]}_{(string?)made["kind"]}.json".Replace('/', '_'));
}
