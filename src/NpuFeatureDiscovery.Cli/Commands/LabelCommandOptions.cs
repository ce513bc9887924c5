using System.CommandLine;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>label</c>, and what they come to.</summary>
/// <param name="defaultProfile">What <c>--profile</c> is where it is not given.</param>
/// <param name="defaultOutput">What <c>--output</c> is where it is not given.</param>
internal sealed class LabelCommandOptions(string defaultProfile, LabelOutput defaultOutput)
{
    private static readonly Choice<LabelOutput>[] Outputs =
    [
        new("auto", LabelOutput.Auto), new("file", LabelOutput.File), new("node-feature", LabelOutput.NodeFeature),
        new("node", LabelOutput.Node), new("-", LabelOutput.StandardOutput),
    ];

    public LoggingOptions Logging { get; } = new();

    public Option<bool> OneShot { get; } = OptionFactory.CreateFlag("--oneshot", "Publish once and end.");

    public Option<bool> DryRun { get; } = OptionFactory.CreateFlag(
        "--dry-run", "Print how what is published would change ('+' added, '-' removed), change nothing, and end.");

    public Option<bool> Cleanup { get; } = OptionFactory.CreateFlag(
        "--cleanup", "Take away what was published to --output, or anywhere, and end.");

    public Option<Choice<LabelOutput>> Output { get; } = OptionFactory.CreateChoice(
        "--output",
        "Where to publish: an NFD feature file, an NFD NodeFeature object, the Node itself, standard output, or where it is right.",
        [.. Outputs.OrderByDescending(output => output.Value == defaultOutput)]);

    public Option<EndpointAddress?> Address { get; } = CommonOptions.CreateAddress();

    public Option<bool> Events { get; } = OptionFactory.CreateFlag(
        "--events", "Write Kubernetes Events of the Node: cards that die, go or come back, and labels that are refused or changed.");

    private readonly Option<string?> _nodeName = CommonOptions.CreateNodeName();

    private readonly Option<string?> _namespace = OptionFactory.Create<string?>(
        "--namespace", "NAME", "The namespace of the NodeFeature object; else the pod's, or the kubeconfig's.", null, TryParseNamespace);

    private readonly Option<bool> _forceConflicts = OptionFactory.CreateFlag(
        "--force-conflicts", "Take over labels that someone other than NFD has set to another value.");

    private readonly Option<Choice<TimeSpan>> _resync = OptionFactory.Create<Choice<TimeSpan>>(
        "--resync", "TIME", "How often to look whether the labels still stand on the Node; 1s to 24h.",
        new("10m", NodeSinkOptions.DefaultResync), CommonOptions.TryParseInterval);

    private readonly Option<Choice<TimeSpan>> _interval = CommonOptions.CreateInterval(
        new("60s", TimeSpan.FromSeconds(60)));

    private readonly Option<Choice<TimeSpan>> _healthInterval = CommonOptions.CreateHealthInterval();

    private readonly Option<Choice<TimeSpan?>> _lease = OptionFactory.Create<Choice<TimeSpan?>>(
        "--lease", "auto|off|TIME",
        "For how long NFD 0.14 and later keep the labels of an agent that was killed; auto: three intervals, at least 5m "
            + "(with --oneshot: off).",
        new("auto", null), TryParseLease);

    private readonly Option<Choice<FeatureFileExit>> _onExit = OptionFactory.CreateChoice<FeatureFileExit>(
        "--on-exit", "At the end: shorten the lease to 2m, remove the feature file (right before NFD 0.14), or keep it.",
        new("lease", FeatureFileExit.Lease), new("remove", FeatureFileExit.Remove), new("keep", FeatureFileExit.Keep));

    private readonly Option<IReadOnlyList<string>> _profiles = OptionFactory.CreateList<string>(
        "--profile", "NAME,...", $"Which generations of labels: {string.Join(", ", LabelProfiles.Names)}.", [defaultProfile],
        TryParseProfile).Suggest(LabelProfiles.Names);

    private readonly Option<string?> _hardwareType = OptionFactory.Create<string?>(
        "--hwtype", "TYPE", "What npu.hwtype of the profile alpha says of a chip, such as haps; a U250 FPGA is u250.", null,
        TryParseHardwareType);

    private readonly Option<bool> _readmeAliases = OptionFactory.CreateFlag(
        "--readme-aliases", "Publish the versions of the profile current as furiosa.ai/npu.driver.version and npu.firmware.version too.");

    private readonly Option<IReadOnlyList<Label>> _labels = OptionFactory.CreateList<Label>(
        "--label", "KEY=VALUE,...", "Labels of your own to publish as well; they win over those that are found.", [],
        TryParseLabel);

    private readonly Option<Choice<NoDevicePolicy>> _noDevice = OptionFactory.CreateChoice<NoDevicePolicy>(
        "--no-device", "On a node without an NPU: publish a count of 0, or remove all labels.",
        new("count", NoDevicePolicy.Count), new("remove", NoDevicePolicy.Remove));

    private readonly Option<HostRoot> _root = CommonOptions.CreateRoot();

    private readonly Option<string> _featuresDirectory = CommonOptions.CreateFolder(
        "--features-dir", "The folder that nfd-worker reads; not below --root.", FeatureFileOptions.DefaultFeaturesDirectory);

    private readonly Option<string> _fileName = CommonOptions.CreateFeatureFileName();

    public void AddTo(Command command)
    {
        Option[] options =
        [
            OneShot, _interval, _healthInterval, Output, _nodeName, _namespace, _forceConflicts, _resync, _profiles, _hardwareType,
            _readmeAliases, _labels, _noDevice, _root, _featuresDirectory, _fileName, _lease, _onExit, DryRun, Cleanup, Address,
            Events,
        ];
        foreach (var option in options)
            command.Options.Add(option);

        Logging.AddTo(command);
    }

    public HostRoot RootOf(ParseResult parsed) => parsed.GetRequiredValue(_root);

    public LabelOptions LabelsOf(ParseResult parsed)
    {
        var labels = new LabelOptions();
        Apply(parsed, labels);
        return labels;
    }

    public void Apply(ParseResult parsed, LabelOptions labels)
    {
        labels.NoDevice = parsed.ValueOf(_noDevice);
        labels.Profiles = [.. parsed.GetRequiredValue(_profiles)];
        labels.HardwareType = parsed.GetValue(_hardwareType);
        labels.ReadmeAliases = parsed.GetValue(_readmeAliases);
        labels.StaticLabels = [.. parsed.GetRequiredValue(_labels)];
    }

    public void Apply(ParseResult parsed, DeviceMonitorOptions devices)
    {
        devices.Interval = parsed.ValueOf(_interval);
        devices.HealthInterval = parsed.ValueOf(_healthInterval);
        // What is not known keeps its labels as long as they would stand without us.
        if (FeatureFileOf(parsed).Lease is { } lease && lease > TimeSpan.Zero)
            devices.KeepUnknown = lease;
    }

    public FeatureFileOptions FeatureFileOf(ParseResult parsed) => new()
    {
        FeaturesDirectory = parsed.GetRequiredValue(_featuresDirectory),
        FileName = parsed.GetRequiredValue(_fileName),
        Lease = parsed.ValueOf(_lease)
            ?? (parsed.GetValue(OneShot) ? TimeSpan.Zero : FeatureFileOptions.LeaseFor(parsed.ValueOf(_interval))),
        OnExit = parsed.ValueOf(_onExit),
    };

    public NodeFeatureSinkOptions NodeOf(ParseResult parsed, Func<string, string?> environment) => new()
    {
        NodeName = NodeName.Choose(parsed.GetValue(_nodeName), environment),
        Namespace = parsed.GetValue(_namespace),
        PodName = environment("POD_NAME"),
        Resync = parsed.ValueOf(_resync),
        ForceConflicts = parsed.GetValue(_forceConflicts),
    };

    /// <summary>What is wrong with options that are each right by themselves.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed)
    {
        var output = parsed.GetRequiredValue(Output);
        foreach (var option in WithoutUse(output.Value).Where(option => parsed.GetResult(option) is { Implicit: false }))
            yield return $"Option '{option.Name}' has no effect with '--output {output}': leave one of them out.";

        Option[] ways = [.. ((Option[])[DryRun, Cleanup, OneShot]).Where(option => parsed.GetResult(option) is { Implicit: false })];
        if (parsed.GetValue(Address) is not null && ways.Length > 0)
            yield return $"Option '--address' does not go with '{ways[0].Name}', which ends at once: leave one of them out.";
        if (parsed.GetValue(Events) && ways.Length > 0)
            yield return $"Option '--events' does not go with '{ways[0].Name}', which ends at once: leave one of them out.";
        if (parsed.GetValue(DryRun) && parsed.GetValue(Cleanup))
            yield return "Option '--dry-run' does not go with '--cleanup': leave one of them out.";
        if (output.Value == LabelOutput.StandardOutput && ways.FirstOrDefault(way => way != OneShot) is { } way)
            yield return $"Option '{way.Name}' does not go with '--output -', where nothing stays published: "
                + "allowed are --output auto, file, node-feature and node.";

        if (CommonOptions.HealthIntervalError(parsed, _healthInterval, _interval) is { } error)
            yield return error;

        var interval = parsed.GetRequiredValue(_interval);
        var lease = parsed.GetRequiredValue(_lease);
        if (lease.Value is { } time && !parsed.GetValue(OneShot) && FeatureFileOptions.LeaseError(time, interval.Value) is not null)
            yield return $"Option '--lease' does not take '{lease}' beside '--interval {interval}': "
                + "allowed are auto, off, or at least three times the interval, so that it can be renewed in time.";
        if (lease.Value == TimeSpan.Zero && parsed.GetResult(_onExit) is { Implicit: false }
            && parsed.ValueOf(_onExit) == FeatureFileExit.Lease)
            yield return "Option '--on-exit' does not take 'lease' beside '--lease off': allowed are remove and keep.";
    }

    /// <summary>Options of one kind of output that mean nothing to another.</summary>
    private Option[] WithoutUse(LabelOutput output)
    {
        Option[] ofFile = [_featuresDirectory, _fileName, _lease, _onExit];
        return output switch
        {
            LabelOutput.Node => [.. ofFile, _namespace],
            LabelOutput.NodeFeature => ofFile,
            LabelOutput.File or LabelOutput.StandardOutput => [_namespace, _forceConflicts, _resync, Events],
            _ => [],
        };
    }

    private static bool TryParseNamespace(string text, out string? value, out string reason)
    {
        value = text;
        reason = "allowed are 1 to 63 lower-case letters, digits and '-', with a letter or digit at both ends.";
        return text.Length <= 63 && !text.Contains('.', StringComparison.Ordinal) && NodeSinkOptions.NodeNameError(text) is null;
    }

    private static bool TryParseLease(string text, out Choice<TimeSpan?> value, out string reason)
    {
        reason = "allowed are auto, off, or a time of 1s to 720h.";
        var isTime = Duration.TryParse(text, out var time) && time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromHours(720);
        value = new Choice<TimeSpan?>(text, text switch { "auto" => null, "off" => TimeSpan.Zero, _ => time });
        return isTime || text is "auto" or "off";
    }

    private static bool TryParseProfile(string text, out string value, out string reason)
    {
        value = text;
        reason = $"allowed are {string.Join(", ", LabelProfiles.Names)}.";
        return LabelProfiles.Names.Contains(text, StringComparer.OrdinalIgnoreCase);
    }

    private static bool TryParseHardwareType(string text, out string? value, out string reason)
    {
        value = text;
        var error = LabelOptions.HardwareTypeError(text);
        reason = error ?? "";
        return error is null;
    }

    private static bool TryParseLabel(string text, out Label value, out string reason)
    {
        value = null!;
        if (!Label.TryParse(text, out var label, out var error))
        {
            reason = error;
            return false;
        }

        value = label;
        reason = "its key needs a prefix such as 'example.com/', since NFD versions complete a bare name differently.";
        return label.Key.Contains('/', StringComparison.Ordinal);
    }
}
