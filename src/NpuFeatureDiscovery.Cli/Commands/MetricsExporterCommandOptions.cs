using System.CommandLine;
using System.Globalization;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Npus;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>metrics-exporter</c>.</summary>
internal sealed class MetricsExporterCommandOptions
{
    /// <summary>That of the SDK's exporter.</summary>
    private const int DefaultPort = 6254;

    private const string Off = "off";

    public LoggingOptions Logging { get; } = new();

    public Option<HostRoot> Root { get; } = CommonOptions.CreateRoot();

    public EndpointCommandOptions Endpoint { get; } = new();

    private readonly Option<int> _port = OptionFactory.Create<int>(
        "--port", "PORT", "The port of /metrics, /livez and /readyz, at every address of the machine.", DefaultPort, TryParsePort);

    private readonly Option<EndpointAddress?> _address = OptionFactory.Create<EndpointAddress?>(
        "--address", "[HOST]:PORT", "Where to serve instead of --port, such as 127.0.0.1:6254.", null, CommonOptions.TryParseAddress);

    private readonly Option<IReadOnlyList<string>> _profiles = OptionFactory.CreateList<string>(
        "--profile", "NAME,...", $"Which generations of names and units: {string.Join(", ", MetricProfiles.Names)}.", [MetricProfiles.Sdk],
        TryParseProfile).Suggest(MetricProfiles.Names);

    private readonly Option<Choice<TimeSpan>> _interval = CommonOptions.CreateInterval(new("10", TimeSpan.FromSeconds(10)));

    private readonly Option<Choice<TimeSpan>> _deviceTimeout = OptionFactory.Create<Choice<TimeSpan>>(
        "--device-timeout", "TIME", "How long a card may take to answer a scrape before it is shown as not alive.",
        new("1s", TimeSpan.FromSeconds(1)), TryParseTimeout);

    private readonly Option<string> _podResources = PodResourcesOption.CreateSocketOrOff();

    private readonly Option<IReadOnlyList<string>> _resourceNames = PodResourcesOption.CreateResourceNames();

    private readonly Option<bool> _podLabels = OptionFactory.CreateFlag(
        "--pod-labels", "Name the Pod and container that hold a card or core in its gauges: namespace, pod, container.");

    private readonly Option<bool> _utilization = OptionFactory.CreateFlag(
        "--enable-npu-utilization", "Show the utilization of the cores: reads Warboy's performance counters once a second.");

    private readonly Option<string?> _nodeName = CommonOptions.CreateNodeName(
        "The name of this Node, for the label of the series; else NODE_NAME, else K8S_NODE_NAME, else no label.");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[
            _port, _address, _profiles, _utilization, _interval, _deviceTimeout, _podResources, _podLabels, _resourceNames, _nodeName, Root])
            command.Options.Add(option);

        Endpoint.AddTo(command);
        Logging.AddTo(command);
    }

    public EndpointAddress AddressOf(ParseResult parsed) => parsed.GetValue(_address)
        ?? EndpointAddress.Parse(parsed.GetRequiredValue(_port).ToString(CultureInfo.InvariantCulture));

    public void Apply(ParseResult parsed, DeviceMonitorOptions devices) => devices.Interval = parsed.ValueOf(_interval);

    public void Apply(ParseResult parsed, NpuMetricsOptions metrics, Func<string, string?> environment)
    {
        metrics.Profiles = [.. parsed.GetRequiredValue(_profiles)];
        metrics.DeviceTimeout = parsed.ValueOf(_deviceTimeout);
        metrics.Utilization = parsed.GetValue(_utilization);
        metrics.Pods = parsed.GetRequiredValue(_podResources) != Off;
        metrics.PodLabels = parsed.GetValue(_podLabels);
        metrics.NodeName = NodeName.Find(parsed.GetValue(_nodeName), environment);
    }

    public void Apply(ParseResult parsed, PodResourcesOptions pods)
    {
        pods.SocketPath = parsed.GetRequiredValue(_podResources);
        pods.Resources = [.. pods.Resources, .. parsed.GetRequiredValue(_resourceNames)];
    }

    /// <summary>What is wrong with options that are each right by themselves.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed) => OwnContradictions(parsed).Concat(Endpoint.Contradictions(parsed));

    /// <summary>The same without the options of the endpoint.</summary>
    public IEnumerable<string> OwnContradictions(ParseResult parsed)
    {
        if (parsed.GetValue(_address) is not null && parsed.GetResult(_port) is { Implicit: false })
            yield return "Option '--port' does not go with '--address', which has a port: leave one of them out.";

        if (parsed.GetValue(_podLabels) && parsed.GetRequiredValue(_podResources) == Off)
            yield return "Option '--pod-labels' does not go with '--pod-resources off': the kubelet tells which Pods hold the cards.";

        var profiles = parsed.GetRequiredValue(_profiles);
        if (MetricProfiles.Error([.. profiles]) is { } error)
            yield return $"Option '--profile' does not take '{string.Join(',', profiles)}': {error}";
    }

    private static bool TryParsePort(string text, out int value, out string reason)
    {
        reason = "allowed is a port, 0 to 65535.";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= ushort.MaxValue;
    }

    private static bool TryParseProfile(string text, out string value, out string reason)
    {
        value = text;
        reason = $"allowed are {string.Join(", ", MetricProfiles.Names)}.";
        return MetricProfiles.Names.Contains(text, StringComparer.OrdinalIgnoreCase);
    }

    private static bool TryParseTimeout(string text, out Choice<TimeSpan> value, out string reason)
    {
        var isTime = Duration.TryParse(text, out var timeout);
        value = new Choice<TimeSpan>(text, timeout);
        reason = "allowed are 1s to 3s: a scrape ends within 3 s.";
        return isTime && timeout >= TimeSpan.FromSeconds(1) && timeout <= TimeSpan.FromSeconds(3);
    }
}
