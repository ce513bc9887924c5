namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>One Event object: the same thing, once or again and again.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Event">What has happened.</param>
/// <param name="Count">How often.</param>
/// <param name="First">When it first happened.</param>
/// <param name="Last">When it last happened.</param>
internal sealed record EventSeries(string Name, NodeEvent Event, int Count, DateTimeOffset First, DateTimeOffset Last);
