using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>Our feature file, as the NFD of this Node reads it among the others.</summary>
internal sealed class NfdFileCheck : IClusterCheck
{
    public const string Name = "nfd-feature-file";

    public IEnumerable<Finding> Judge(ClusterFacts facts)
    {
        if (facts.Files.Own is not { } file || facts.Nfd.IsHere == false)
            yield break;

        if (file.State != NfdFileState.Read)
        {
            yield return new Finding(FindingLevel.Problem, Name,
                $"{facts.Nfd} does not read '{file.Name}', and takes its labels off the Node.",
                file.Reason, "Restart the agent, which writes the file anew.");
            yield break;
        }

        var count = file.Labels.Count();
        foreach (var lost in file.Lines.Where(line => line.IsLost).GroupBy(line => line.Reason))
            yield return new Finding(FindingLevel.Problem, Name,
                $"{facts.Nfd} makes no label of {Amount.Of(lost.Count(), "line")} of '{file.Name}': "
                + $"{NameList.Of(lost.Select(line => line.Key ?? line.Text))}.",
                lost.Key, RemedyOf(lost.First().Outcome));

        if (LeaseIsIgnored(file, facts.Nfd))
            yield return new Finding(FindingLevel.Warning, Name, $"{facts.Nfd} does not heed the lease of '{file.Name}'.",
                "Labels of an agent that was killed stay for ever.",
                "Update NFD to 0.14 or later, or run the agent with '--on-exit remove'.");

        if (StaleKeys(file, facts.Wanted) is { Count: > 0 } stale)
            yield return new Finding(FindingLevel.Problem, Name,
                $"'{file.Name}' says something else than the cards: {NameList.Of(stale)}.",
                "The agent does not run, cannot write, or reads another host.", "See whether the agent runs and what it logs.");
        else if (count > 0)
            yield return new Finding(
                FindingLevel.Ok, Name, $"{facts.Nfd} makes {Amount.Of(count, "label")} of '{file.Name}'.",
                facts.Nfd.IsVersionKnown ? null : $"So does NFD {facts.Nfd.Version}; which version is here is not known.");
    }

    private static string? RemedyOf(NfdOutcome outcome) => outcome switch
    {
        NfdOutcome.Expired => "See whether the agent runs, which renews the lease, and whether the clock is right.",
        NfdOutcome.Overridden => "Remove the other file, or have ours read later by its name ('--file-name').",
        _ => null,
    };

    private static bool LeaseIsIgnored(NfdFeatureFile file, NfdPresence nfd) => nfd.IsVersionKnown && file.Lines.Any(line =>
        line is { Outcome: NfdOutcome.Directive, Reason: not null }
            && line.Text.StartsWith("# +expiry-time=", StringComparison.Ordinal));

    private static List<string> StaleKeys(NfdFeatureFile file, LabelSet? wanted)
    {
        var keys = new List<string>();
        foreach (var label in wanted?.Labels ?? [])
        {
            if (file.Lines.LastOrDefault(line => line.Key == label.Key)?.Value != label.Value)
                keys.Add(label.Key);
        }

        return keys;
    }
}
