using System.CommandLine;
using NpuFeatureDiscovery.Cli.Agent;
using NpuFeatureDiscovery.Cli.Commands;
using NpuFeatureDiscovery.Cli.Help;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli;

/// <summary>The life of a command: parse, say what is wrong with the usage, run, turn failures into exit codes.</summary>
internal static class CommandLineApplication
{
    private const string Name = ProgramName.Own;

    /// <summary>A word that begins with '@' is itself, and no file to read words from: that may be a folder, or have no end.</summary>
    internal static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <param name="args">The command line behind the program's name.</param>
    /// <param name="input">Standard input, which is read only where a command is told to.</param>
    /// <param name="output">Takes results.</param>
    /// <param name="error">Takes everything else.</param>
    /// <param name="programName">The name by which the program is called; see <see cref="ProgramName"/>.</param>
    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    /// <param name="device">What the results' writer leads to; null for a text in memory.</param>
    /// <param name="cancellationToken">Ends a long-running command, as SIGTERM does.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, Stream input, TextWriter output, TextWriter error, string programName,
        Func<string, string?> environment, OutputDevice? device = null, CancellationToken cancellationToken = default)
    {
        var root = CreateRoot(input, output, error, programName, environment, device ?? new OutputDevice(null));
        var variables = new AgentVariables(environment);
        var line = WithCommand(args, programName);
        if (line is [AgentCommand.Name, ..])
            line = variables.AddTo(line, root.Subcommands.First(command => command.Name == AgentCommand.Name));

        var parsed = root.Parse(line, Parsing);
        try
        {
            UsageException.ThrowIfAny(UsageErrors.Describe(parsed));
            // Signals end the host of a long-running command; the parser's own handling would come in between.
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellationToken);
        }
        catch (UsageException usage)
        {
            foreach (var mistake in usage.Mistakes)
                await error.WriteLineAsync($"{Name}: {PrintableText.Of(variables.Explain(mistake))}");

            var command = parsed.CommandResult.Command is RootCommand ? Name : $"{Name} {parsed.CommandResult.Command.Name}";
            await error.WriteLineAsync($"{Name}: '{command} --help' explains what is allowed.");
            return ExitCode.Usage;
        }
        catch (KubernetesConfigurationException failure)
        {
            await error.WriteLineAsync($"{Name}: {PrintableText.Of(failure.Message)}");
            return ExitCode.Usage;
        }
        catch (Exception failure) when (
            failure is HostUnreadableException or LabelPublishException or EndpointException or ListingException)
        {
            await error.WriteLineAsync($"{Name}: {PrintableText.Of(failure.Message)}");
            return ExitCode.Failed;
        }
    }

    /// <summary>All commands.</summary>
    internal static RootCommand CreateRoot(
        Stream input, TextWriter output, TextWriter error, string programName, Func<string, string?> environment,
        OutputDevice device)
    {
        var root = new RootCommand("The node agent for FuriosaAI NPUs in Kubernetes. Without a command: label.")
        {
            LabelCommand.Create(output, environment, LabelOptionsOf(programName)),
            DevicePluginCommand.Create(environment),
            MetricsExporterCommand.Create(environment),
            AgentCommand.Create(output, environment),
            DevicesCommand.Create(output, error, device),
            ValidateCommand.Create(input, output),
            DoctorCommand.Create(output, error, environment, device.IsTerminal),
            CompletionCommand.Create(output),
        };
        HelpWithExamples.AddTo(root);
        return root;
    }

    /// <summary>The node labeller knew its own labels alone, and put them on the Node.</summary>
    private static LabelCommandOptions LabelOptionsOf(string programName) => programName == ProgramName.NodeLabeller
        ? new LabelCommandOptions(LabelProfiles.Alpha, LabelOutput.Node)
        : new LabelCommandOptions(LabelProfiles.Beta, LabelOutput.Auto);

    /// <summary>
    /// The name of an earlier program stands for a command. Else options alone belong to the main job, but for those that ask
    /// about the program itself.
    /// </summary>
    private static IReadOnlyList<string> WithCommand(IReadOnlyList<string> args, string programName)
    {
        if (args is ["--version", ..])
            return args;

        if (programName == ProgramName.NodeLabeller)
            return [LabelCommand.Name, .. args];
        if (programName == ProgramName.DevicePlugin)
            return [DevicePluginCommand.Name, .. args];
        if (programName == ProgramName.MetricsExporter)
            return [MetricsExporterCommand.Name, .. args];

        var isMainJob = args is [] || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?"));
        return isMainJob ? [LabelCommand.Name, .. args] : args;
    }
}
