using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Labels.Tests.Nfd;

/// <summary>What all versions of NFD make of a folder that this project's own sink has written.</summary>
internal static class EveryVersion
{
    private static readonly string[] Namespaces = ["alpha.furiosa.ai", "beta.furiosa.ai", "furiosa.ai", "example.com"];

    /// <summary>As <c>nfd/nfd-master.conf</c> sets it: the last version before 0.13 refuses them otherwise.</summary>
    public static NfdMasterOptions Master { get; } = new() { ExtraLabelNamespaces = Namespaces };

    /// <summary>Gives the folder the mode that it has on a node.</summary>
    public static void Open(string folder) => File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);

    /// <summary>Nothing is lost, and the Node gets these labels and no other.</summary>
    public static void AssertGives(string folder, LabelSet labels) => AssertGives(folder, labels, Verdict.Now);

    public static void AssertGives(string folder, LabelSet labels, DateTimeOffset now)
    {
        foreach (var version in NfdVersion.Known)
            AssertGives(NfdFeatureFolder.Load(folder, version, now, Master).Files, version, labels);
    }

    public static void AssertTextGives(string text, LabelSet labels)
    {
        foreach (var version in NfdVersion.Known)
            AssertGives([NfdFeatureFile.Parse(text, version, Verdict.Now, Master)], version, labels);
    }

    private static void AssertGives(IReadOnlyList<NfdFeatureFile> files, NfdVersion version, LabelSet labels)
    {
        Assert.That(files.Where(file => file.IsLossy).Select(Verdict.Of), Is.Empty, $"NFD {version}");
        Assert.That(
            files.SelectMany(file => file.Labels).OrderBy(label => label.Key, StringComparer.Ordinal), Is.EqualTo(labels.Labels),
            $"NFD {version}");
    }
}
