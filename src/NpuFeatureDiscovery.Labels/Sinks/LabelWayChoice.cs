namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>The way that was chosen.</summary>
/// <param name="Way">The way.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="HasNfd">Whether Node Feature Discovery labels the Node; null where the Node may not be read.</param>
internal sealed record LabelWayChoice(LabelWay Way, string Reason, bool? HasNfd);
