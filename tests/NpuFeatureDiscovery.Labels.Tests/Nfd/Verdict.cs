using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>What becomes of a feature file, in words short enough for a table.</summary>
internal static class Verdict
{
    /// <summary>When all files are read.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The outcome of each line; of labels and raw features key and value too.</summary>
    public static string Of(string text, string version, string name = "f", NfdMasterOptions? master = null) =>
        Of(NfdFeatureFile.Parse(text, NfdVersion.Parse(version), Now, master, name));

    public static string Of(NfdFeatureFile file) => file.State == NfdFileState.Read
        ? string.Join(", ", file.Lines.Select(Of))
        : file.State.ToString();

    /// <summary>The verdict on each file of a folder, with its name.</summary>
    public static string OfFolder(string path, string version) => string.Join(
        "; ", NfdFeatureFolder.Load(path, NfdVersion.Parse(version), Now).Files.Select(file => $"{file.Name}: {Of(file)}"));

    private static string Of(NfdLine line) => line.Outcome is NfdOutcome.Label or NfdOutcome.Feature
        ? $"{line.Outcome} {line.Key}={line.Value}"
        : line.Outcome.ToString();
}
