namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>What was found on a node.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="At">When.</param>
/// <param name="Findings">In the order of the checks.</param>
internal sealed record DoctorReport(string Node, DateTimeOffset At, IReadOnlyList<Finding> Findings)
{
    public FindingLevel Worst
    {
        get
        {
            var worst = FindingLevel.Ok;
            foreach (var finding in Findings)
                worst = finding.Level > worst ? finding.Level : worst;

            return worst;
        }
    }

    public int Count(FindingLevel level) => Findings.Count(finding => finding.Level == level);
}
