namespace NpuFeatureDiscovery.Cli.Doctor.Cluster;

/// <summary>What keeps Pods without a toleration from a Node.</summary>
internal sealed record Taint(string Key, string Value, string Effect)
{
    /// <summary>Whether it keeps Pods away for certain.</summary>
    public bool IsHard => Effect is "NoSchedule" or "NoExecute";

    public override string ToString() => $"{Key}{(Value.Length > 0 ? $"={Value}" : "")}:{Effect}";
}

/// <summary>Which taints a Pod puts up with.</summary>
internal sealed record Toleration(string Key, string Operator, string Value, string Effect)
{
    /// <remarks>https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/</remarks>
    public bool Covers(Taint taint) => (Effect.Length == 0 || Effect == taint.Effect)
        && (Operator == "Exists"
            ? Key.Length == 0 || Key == taint.Key
            : Key == taint.Key && Value == taint.Value);
}
