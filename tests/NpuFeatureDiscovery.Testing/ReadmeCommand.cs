using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Testing;

/// <summary>A command that README.md or README.ko.md tells users to run, in a block of shell or within the text.</summary>
/// <param name="Text">The command.</param>
/// <param name="Way">How a test runs it.</param>
public sealed partial record ReadmeCommand(string Text, ReadmeCommandWay Way)
{
    /// <summary>What commands begin with; the first that fits counts.</summary>
    private static readonly (string Start, ReadmeCommandWay Way)[] Ways =
    [
        ("dotnet run ", ReadmeCommandWay.Sample),
        ("mkdir -p out/", ReadmeCommandWay.Sample),
        ("out/", ReadmeCommandWay.Sample),
        ("cat out/", ReadmeCommandWay.Sample),
        ("dotnet test", ReadmeCommandWay.ByCI),
        ("dotnet publish ", ReadmeCommandWay.ByCI),
        ("dotnet pack", ReadmeCommandWay.ByCI),
        ("npu-feature-discovery ", ReadmeCommandWay.Program),
        ("kubectl exec ", ReadmeCommandWay.Container),
        ("docker ", ReadmeCommandWay.Image),
        ("helm install ", ReadmeCommandWay.Chart),
        ("helm uninstall ", ReadmeCommandWay.Unreleased),
        ("kubectl apply -k ", ReadmeCommandWay.Overlay),
        ("kubectl delete -k ", ReadmeCommandWay.Overlay),
        ("kubectl apply -f ", ReadmeCommandWay.Objects),
        ("kubectl delete -f ", ReadmeCommandWay.Objects),
        ("kubectl get ", ReadmeCommandWay.Question),
        ("kubectl describe ", ReadmeCommandWay.Question),
        ("kubectl logs ", ReadmeCommandWay.Question),
        ("kubectl auth can-i ", ReadmeCommandWay.Question),
        // A restart knows no dry run.
        ("kubectl rollout ", ReadmeCommandWay.Question),
        ("kubectl delete ", ReadmeCommandWay.Change),
        ("kubectl drain ", ReadmeCommandWay.Change),
        ("kubectl uncordon ", ReadmeCommandWay.Change),
    ];

    /// <summary>All commands of README.md, each once and in their order.</summary>
    public static ReadmeCommand[] All { get; } =
        [.. InBlocks("README.md").Concat(InText("README.md")).Distinct().Select(text => new ReadmeCommand(text, WayOf(text)))];

    public static IEnumerable<string> Of(params ReadmeCommandWay[] ways) =>
        All.Where(command => ways.Contains(command.Way)).Select(command => command.Text);

    /// <summary>The lines of the blocks of shell.</summary>
    public static IEnumerable<string> InBlocks(string file) => Blocks(file, "sh").SelectMany(block => block.TrimEnd().Split('\n'));

    /// <summary>The blocks of a language.</summary>
    public static string[] Blocks(string file, string language) => [.. AllBlocks().Matches(File.ReadAllText(Repository.At(file)))
        .Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    /// <summary>The languages of the blocks.</summary>
    public static string[] Languages(string file) =>
        [.. AllBlocks().Matches(File.ReadAllText(Repository.At(file))).Select(match => match.Groups[1].Value)];

    private static IEnumerable<string> InText(string file) => Spans().Matches(
        AllBlocks().Replace(File.ReadAllText(Repository.At(file)), "")).Select(match => match.Groups[1].Value);

    private static ReadmeCommandWay WayOf(string text) => Ways
        .FirstOrDefault(way => text.StartsWith(way.Start, StringComparison.Ordinal)).Way;

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex AllBlocks();

    [GeneratedRegex("`((?:npu-feature-discovery|kubectl|helm|docker|dotnet) [^`\n]+)`")]
    private static partial Regex Spans();
}
