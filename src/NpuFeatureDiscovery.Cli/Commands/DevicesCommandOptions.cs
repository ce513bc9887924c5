using System.CommandLine;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>devices</c>.</summary>
internal sealed class DevicesCommandOptions
{
    public Option<Choice<DevicesOutput>> Output { get; } = OptionFactory.CreateChoice<DevicesOutput>(
        "--output", "How to list the NPUs: a table, one with more columns, or a document with every sensor.",
        new("table", DevicesOutput.Table), new("wide", DevicesOutput.Wide), new("json", DevicesOutput.Json),
        new("yaml", DevicesOutput.Yaml));

    public Option<bool> All { get; } = OptionFactory.CreateFlag(
        "--all", "List also the NPUs without a device node here, as those of others are seen in a container.");

    public Option<HostRoot> Root { get; } = CommonOptions.CreateRoot();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Output, All, Root])
            command.Options.Add(option);
    }
}
