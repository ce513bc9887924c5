using System.Net;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Sinks;

internal static class Refusal
{
    /// <summary>What a failed call says of labels that were to be written by it.</summary>
    public static LabelPublicationState StateOf(KubernetesException exception) => exception.StatusCode switch
    {
        null or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => LabelPublicationState.Unknown,
        HttpStatusCode.Conflict when exception.Causes.Any(cause => cause.ConflictingManager is not null) =>
            LabelPublicationState.Overridden,
        _ => LabelPublicationState.Refused,
    };
}
