namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>What an account may do: one rule of a role.</summary>
public sealed record ApiRule(string Group, string Resource, params string[] Verbs)
{
    /// <summary>All that publishing labels to Nodes needs.</summary>
    public static ApiRule PatchNodes { get; } = new("", "nodes", "patch");
}
