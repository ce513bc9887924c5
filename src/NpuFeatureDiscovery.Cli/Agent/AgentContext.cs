namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>Where the agent runs, which no configuration file says.</summary>
/// <param name="NodeNameOption">What the command line calls the node; null where it says nothing.</param>
/// <param name="Output">Takes labels that go to standard output.</param>
/// <param name="Environment">Gives the value of a variable, null where there is none.</param>
internal sealed record AgentContext(string? NodeNameOption, TextWriter Output, Func<string, string?> Environment)
{
    public string NodeName { get; } = Cli.NodeName.Choose(NodeNameOption, Environment);

    public string? PodUid => Environment("POD_UID");
}
