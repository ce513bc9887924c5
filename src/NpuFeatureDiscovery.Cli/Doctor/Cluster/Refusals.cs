using System.Net;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What the account may not do, gathered into one line.</summary>
internal sealed class Refusals
{
    public const string Name = "rights";

    private readonly List<string> _calls = [];
    private readonly List<string> _unchecked = [];
    private readonly List<string> _rules = [];

    public static bool IsRefusal(KubernetesException exception) => exception.StatusCode == HttpStatusCode.Forbidden;

    /// <param name="verb">What was tried.</param>
    /// <param name="resource">On what.</param>
    /// <param name="unchecked">What is not known for want of it.</param>
    public void Add(string verb, KubernetesResource resource, string @unchecked)
    {
        _calls.Add($"{verb} {resource.Plural}");
        _unchecked.Add(@unchecked);
        _rules.Add($"- apiGroups: [\"{resource.Group}\"], resources: [\"{resource.Plural}\"], verbs: [\"{verb}\"]");
    }

    public IEnumerable<Finding> ToFindings(string account)
    {
        if (_calls.Count > 0)
            yield return new Finding(FindingLevel.Warning, Name,
                $"The account of {account} may not {string.Join(", ", _calls)}.",
                $"Not checked therefore: {string.Join("; ", _unchecked)}.",
                "Run doctor with an account that may (KUBECONFIG), or add to a ClusterRole of this one: "
                + $"{string.Join("; ", _rules)}.");
    }
}
