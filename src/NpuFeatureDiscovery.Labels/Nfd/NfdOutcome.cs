namespace NpuFeatureDiscovery.Labels.Nfd;

/// <summary>What NFD does with a line of a feature file.</summary>
public enum NfdOutcome
{
    /// <summary>Nothing stands in the line.</summary>
    Blank,

    /// <summary>The line is a comment, or has no more effect than one.</summary>
    Comment,

    /// <summary>The line begins with <c># +</c>. Where the version does not obey it, <see cref="NfdLine.Reason"/> says so.</summary>
    Directive,

    /// <summary>The Node gets the label.</summary>
    Label,

    /// <summary>A raw feature for NodeFeatureRules, and no label, as a directive asks for.</summary>
    Feature,

    /// <summary>The time of an expiry directive above is past: no label.</summary>
    Expired,

    /// <summary>A later line or file has the same key, and its value counts.</summary>
    Overridden,

    /// <summary>nfd-worker leaves it out: key or value break the rules of Kubernetes.</summary>
    Dropped,

    /// <summary>nfd-master leaves it out: its namespace is not allowed.</summary>
    Refused,
}
