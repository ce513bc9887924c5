using System.CommandLine;

namespace NpuFeatureDiscovery.Cli.Agent;

/// <summary>
/// Options of <c>agent</c> by environment, as is usual in a container's manifest: NPU_AGENT_HEALTH_INTERVAL for <c>--health-interval</c>.
/// </summary>
/// <param name="environment">Gives the value of a variable, null where there is none.</param>
internal sealed class AgentVariables(Func<string, string?> environment)
{
    private const string Prefix = "NPU_AGENT_";

    /// <summary>The variables that count, by the names of their options.</summary>
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    /// <summary>Adds what the command line does not say itself. A variable that is empty says nothing.</summary>
    public IReadOnlyList<string> AddTo(IReadOnlyList<string> args, Command agent)
    {
        var all = new List<string>(args);
        foreach (var option in agent.Options)
        {
            var variable = Prefix + option.Name[2..].Replace('-', '_').ToUpperInvariant();
            if (environment(variable) is not { Length: > 0 } value || args.Any(arg => IsOf(arg, option.Name)))
                continue;

            all.Add($"{option.Name}={value}");
            _variables.Add(option.Name, variable);
        }

        return all;
    }

    /// <summary>A mistake with the variables that the options come from which it names.</summary>
    public string Explain(string mistake) => string.Join(' ', [
        mistake,
        .. _variables.Where(pair => mistake.Contains($"'{pair.Key}", StringComparison.Ordinal))
            .Select(pair => $"'{pair.Key}' comes from the variable {pair.Value}."),
    ]);

    private static bool IsOf(string arg, string option) => arg == option || arg.StartsWith(option + '=', StringComparison.Ordinal);
}
