namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>What is to be told of the Node.</summary>
/// <param name="IsWarning">Whether somebody should look.</param>
/// <param name="Reason">A word for machines: one of <see cref="NodeEventReasons"/>.</param>
/// <param name="Message">A sentence for people, the same whenever the same happens.</param>
internal sealed record NodeEvent(bool IsWarning, string Reason, string Message);
