using System.CommandLine;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Lists the host's NPUs with what their sensors say, for people and for scripts.</summary>
internal sealed class DevicesCommand
{
    public const string Name = "devices";

    private readonly DevicesCommandOptions _options = new();
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    private DevicesCommand(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
    }

    public static Command Create(TextWriter output, TextWriter error)
    {
        var handler = new DevicesCommand(output, error);
        var command = new Command(Name, "List the NPUs with temperature, power and place, as furiosactl does.");
        handler._options.AddTo(command);
        command.SetAction((parsed, _) => handler.RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var root = parsed.GetRequiredValue(_options.Root);
        using var nodes = new NodeReader(root);
        using var sensors = new SensorReader(root, TimeProvider.System, SensorReader.DefaultDeviceTimeout);
        var node = nodes.Read();
        NpuDevice[] listed = [.. node.Devices.Where(device => parsed.GetValue(_options.All) || device.DeviceNodes.Count > 0)];
        var cards = sensors.Read(listed);
        var problems = Merge(node.Problems, cards.SelectMany(card => card.Problems));

        var form = parsed.ValueOf(_options.Output);
        await _output.WriteAsync(form switch
        {
            DevicesOutput.Table => DeviceTable.Draw(cards, isWide: false),
            DevicesOutput.Wide => DeviceTable.Draw(cards, isWide: true),
            DevicesOutput.Json => DeviceDocument.Create(cards, problems).ToJson(),
            _ => DeviceDocument.Create(cards, problems).ToYaml(),
        });

        if (listed.Length < node.Devices.Count)
            await _error.WriteLineAsync(
                $"{ProgramName.Own}: {node.Devices.Count - listed.Length} of {node.Devices.Count} NPUs have no device node here and are "
                + "not listed: --all lists them too.");
        // The documents hold the problems themselves; what an older driver lacks is none for people.
        if (form is DevicesOutput.Table or DevicesOutput.Wide)
        {
            foreach (var problem in problems.Where(problem => problem.Kind != ReadProblemKind.Missing))
                await _error.WriteLineAsync($"{ProgramName.Own}: {problem}");
        }

        return ExitCode.Done;
    }

    /// <summary>A file that hangs is met by both readers, and told once.</summary>
    private static ReadProblem[] Merge(IReadOnlyList<ReadProblem> ofNode, IEnumerable<ReadProblem> ofSensors)
    {
        var paths = ofNode.Select(problem => problem.Path).ToHashSet(StringComparer.Ordinal);
        return [.. ofNode, .. ofSensors.Where(problem => !paths.Contains(problem.Path))];
    }
}
