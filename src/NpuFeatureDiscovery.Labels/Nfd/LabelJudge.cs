namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>What nfd-worker and nfd-master make of a label: legal or not, allowed or not.</summary>
internal sealed class LabelJudge(NfdVersion version, NfdMasterOptions master)
{
    private const string FeatureNamespace = "feature.node.kubernetes.io";
    private const string ProfileNamespace = "profile.node.kubernetes.io";
    private const string KubernetesNamespace = "kubernetes.io";

    public NfdLine Judge(NfdLine line)
    {
        if (line is not { Outcome: NfdOutcome.Label, Key: { } key, Value: { } value })
            return line;

        if (!Label.TryCreate(key, value, out _, out var error))
            return line with { Outcome = NfdOutcome.Dropped, IsLost = true, Reason = $"{error}{Remedy(line)}" };

        if (key.Contains('/', StringComparison.Ordinal))
            return Admit(line);

        return version.MayDenyOwnNamespaces && !master.AutoPrefix
            ? Refuse(line, $"nfd-master {version} gives a key no namespace as it is set: write '{FeatureNamespace}/{key}', or another.")
            : Admit(line with { Key = $"{FeatureNamespace}/{key}" });
    }

    private NfdLine Admit(NfdLine line) => IsAllowed(line.Key!.Split('/')[0])
        ? line
        : Refuse(
            line, $"nfd-master {version} does not allow this namespace: have it in extraLabelNs (-extra-label-ns), or choose another.");

    private static NfdLine Refuse(NfdLine line, string reason) =>
        line with { Outcome = NfdOutcome.Refused, IsLost = true, Reason = reason };

    /// <summary>For mistakes that cannot be seen in a text.</summary>
    private string Remedy(NfdLine line)
    {
        if (line.Text.StartsWith('\uFEFF'))
            return " The file begins with a byte order mark: write UTF-8 without one.";
        if (!version.TrimsLines && line.Text.EndsWith('\r'))
            return " The line ends with CR LF, and NFD before 0.14 keeps the CR: write LF alone.";
        if (line.Key!.Trim() != line.Key || line.Value!.Trim() != line.Value)
            return " Blanks around '=', and before NFD 0.14 at the ends of a line, belong to key and value.";

        return "";
    }

    private bool IsAllowed(string name)
    {
        if (master.ExtraLabelNamespaces.Contains(name, StringComparer.Ordinal))
            return true;
        if (!version.AllowsByDefault)
            return IsOwn(name);
        if (IsOwn(name) && !version.MayDenyOwnNamespaces)
            return true;

        return (IsOwn(name) || !IsOrIsUnder(name, KubernetesNamespace))
            && !master.DenyLabelNamespaces.Any(denied => IsDenied(name, denied));
    }

    private bool IsOwn(string name) => name == FeatureNamespace
        || (version.AllowsSubNamespaces && IsOrIsUnder(name, FeatureNamespace))
        || (version.AllowsProfileNamespace && IsOrIsUnder(name, ProfileNamespace));

    private static bool IsOrIsUnder(string name, string parent) =>
        name == parent || name.EndsWith($".{parent}", StringComparison.Ordinal);

    private static bool IsDenied(string name, string denied) =>
        denied.StartsWith('*') ? name.EndsWith(denied[1..], StringComparison.Ordinal) : name == denied;
}
