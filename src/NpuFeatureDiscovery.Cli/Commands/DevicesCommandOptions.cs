using System.CommandLine;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>devices</c>, and what they come to.</summary>
internal sealed class DevicesCommandOptions
{
    private readonly Option<Choice<DevicesOutput>> _output = OptionFactory.CreateChoice<DevicesOutput>(
        "--output", "How to list the NPUs: a table, one with more columns, or a document with every sensor.",
        new("table", DevicesOutput.Table), new("wide", DevicesOutput.Wide), new("json", DevicesOutput.Json),
        new("yaml", DevicesOutput.Yaml));

    private readonly Option<bool> _all = OptionFactory.CreateFlag(
        "--all", "List also the NPUs without a device node here, as those of others are seen in a container.");

    private readonly Option<bool> _allocations = OptionFactory.CreateFlag(
        "--allocations", "List which Pod and container holds which NPU or core, and what is free.");

    private readonly Option<string> _podResources = PodResourcesOption.CreateSocket();

    private readonly Option<IReadOnlyList<string>> _resourceNames = PodResourcesOption.CreateResourceNames();

    private readonly Option<Choice<TimeSpan>> _interval = OptionFactory.Create<Choice<TimeSpan>>(
        "--interval", "TIME", "How often --watch lists: seconds, or a number with s, m or h; 1s to 24h.",
        new("2s", TimeSpan.FromSeconds(2)), CommonOptions.TryParseInterval);

    private readonly Option<HostRoot> _root = CommonOptions.CreateRoot();

    public Option<bool> Watch { get; } = OptionFactory.CreateFlag(
        "--watch", "List again and again: on a terminal in the same place, into a pipe or file whenever something has changed.");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_output, _all, _allocations, _podResources, _resourceNames, Watch, _interval, _root])
            command.Options.Add(option);
    }

    public TimeSpan IntervalOf(ParseResult parsed) => parsed.ValueOf(_interval);

    public IListing CreateListing(ParseResult parsed, OutputDevice device)
    {
        var root = parsed.GetRequiredValue(_root);
        var all = parsed.GetValue(_all);
        var form = new ListingForm(parsed.ValueOf(_output), parsed.GetValue(Watch) && !device.IsTerminal);
        if (!parsed.GetValue(_allocations))
            return new CardListing(root, all, form, TimeProvider.System);

        var pods = new PodResourcesOptions { SocketPath = parsed.GetRequiredValue(_podResources) };
        pods.Resources = [.. pods.Resources, .. parsed.GetRequiredValue(_resourceNames)];
        return new AllocationListing(root, all, pods, form, TimeProvider.System);
    }

    /// <summary>What is wrong with options that are each right by themselves.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed)
    {
        foreach (var option in (Option[])[_podResources, _resourceNames])
        {
            if (!parsed.GetValue(_allocations) && parsed.GetResult(option) is { Implicit: false })
                yield return $"Option '{option.Name}' has no effect without '--allocations': add that, or leave it out.";
        }

        if (!parsed.GetValue(Watch) && parsed.GetResult(_interval) is { Implicit: false })
            yield return "Option '--interval' has no effect without '--watch': add that, or leave it out.";
    }
}
