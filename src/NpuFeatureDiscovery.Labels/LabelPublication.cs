namespace NpuFeatureDiscovery.Labels;

/// <summary>What became of labels that a sink published.</summary>
/// <param name="State">Whether they stand on the Node.</param>
/// <param name="Reason">Why they do not, or who has what; empty where there is nothing to say.</param>
/// <param name="PublishedAt">When the sink last wrote them; <see langword="null"/> where it had nothing to write.</param>
/// <param name="VerifiedAt">When the sink last read the Node; <see langword="null"/> where it could not yet.</param>
public sealed record LabelPublication(
    LabelPublicationState State, string Reason = "", DateTimeOffset? PublishedAt = null, DateTimeOffset? VerifiedAt = null);

/// <summary>Whether labels stand on the Node.</summary>
public enum LabelPublicationState
{
    /// <summary>Nobody could tell yet, or the API server cannot be reached; what was published before may still stand.</summary>
    Unknown,

    /// <summary>Every label was read on the Node with its value.</summary>
    InForce,

    /// <summary>They are published, and others have yet to put them on the Node.</summary>
    Pending,

    /// <summary>Someone else holds labels on the Node with other values.</summary>
    Overridden,

    /// <summary>The API server refuses them.</summary>
    Refused,
}
