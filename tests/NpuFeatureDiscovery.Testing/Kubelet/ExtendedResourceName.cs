using System.Text.RegularExpressions;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>
/// Kubernetes' rule for names of extended resources. They are also used as <c>requests.NAME</c> in quotas, so that this must
/// be a qualified name too.
/// </summary>
internal static partial class ExtendedResourceName
{
    private const string QuotaPrefix = "requests.";

    public static bool IsValid(string name) =>
        !name.Contains("kubernetes.io/", StringComparison.Ordinal)
        && !name.StartsWith(QuotaPrefix, StringComparison.Ordinal)
        && (QuotaPrefix + name).Split('/') is [{ Length: <= 253 } domain, { Length: <= 63 } local]
        && Subdomain().IsMatch(domain)
        && Local().IsMatch(local);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex Local();
}
