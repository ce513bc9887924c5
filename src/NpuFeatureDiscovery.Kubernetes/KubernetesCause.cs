using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>One cause of a refusal: <c>StatusCause</c> of the Kubernetes API.</summary>
/// <param name="Reason">What kind of cause: <c>FieldManagerConflict</c>, <c>FieldValueInvalid</c>.</param>
/// <param name="Field">The field: <c>.metadata.labels.example.com/a</c> of a conflict, else <c>metadata.uid</c>.</param>
/// <param name="Message">What is wrong, for people.</param>
public sealed partial record KubernetesCause(string Reason, string Field, string Message)
{
    /// <summary>Who holds the field that an apply did not get; <see langword="null"/> where the cause is another one.</summary>
    public string? ConflictingManager =>
        Reason == "FieldManagerConflict" && Manager().Match(Message) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("\"([^\"]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Manager();
}
