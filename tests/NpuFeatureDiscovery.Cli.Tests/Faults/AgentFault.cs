namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>Something that goes wrong around an agent that lives on, and is over when <see cref="HappenAsync"/> is.</summary>
/// <param name="Name">For people.</param>
/// <param name="Seconds">Within how many seconds all that the agent publishes is right again.</param>
/// <param name="HappenAsync">Makes it happen.</param>
internal sealed record AgentFault(string Name, int Seconds, Func<FaultNode, CancellationToken, Task> HappenAsync);
