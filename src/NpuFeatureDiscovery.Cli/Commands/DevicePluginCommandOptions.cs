using System.CommandLine;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>device-plugin</c>: those of the SDK's <c>k8s-device-plugin</c>, and our own.</summary>
internal sealed class DevicePluginCommandOptions
{
    private static readonly DevicePluginOptions Defaults = new();

    public LoggingOptions Logging { get; } = new();

    public Option<HostRoot> Root { get; } = CommonOptions.CreateRoot();

    public Option<string?> NodeName { get; } = CommonOptions.CreateNodeName();

    public Option<EndpointAddress?> Address { get; } = CommonOptions.CreateAddress();

    public Option<string?> ConfigFile { get; } = OptionFactory.Create<string?>(
        "--config-file", "FILE", "A YAML file in the place of the options above; its changes count at once.", null, TryParseFile);

    private readonly Option<Choice<DefaultPe>> _defaultPe = OptionFactory.Create<Choice<DefaultPe>>(
        "--default-pe", $"{DefaultPe.Fusion}|{DefaultPe.Single}", "What one unit of the resource is: a card, or one of its cores.",
        new($"{DefaultPe.Fusion}", DefaultPe.Fusion), TryParseDefaultPe);

    private readonly Option<Choice<AllocationPolicy>> _allocationPolicy = OptionFactory.Create<Choice<AllocationPolicy>>(
        "--allocation-policy", "packed|spread", "Which units one container gets: near to each other, or far apart.",
        new("packed", AllocationPolicy.Packed), TryParseAllocationPolicy);

    private readonly Option<Choice<TimeSpan>> _interval = CommonOptions.CreateInterval(
        new("10", TimeSpan.FromSeconds(10)));

    private readonly Option<IReadOnlyList<string>> _disabledDevices = OptionFactory.CreateList<string>(
        "--disabled-devices", "NAME,...", "Cards that are not to be allocated, such as npu1.", [], TryParseDevice);

    private readonly Option<string> _pluginDirectory = OptionFactory.Create<string>(
        "--plugin-dir", "FOLDER", "The kubelet's folder for device plugins.", Defaults.PluginDirectory, TryParseText);

    private readonly Option<string> _socketName = OptionFactory.Create<string>(
        "--socket-name", "NAME", "The plugin's socket in that folder; with {pod} in it, that of the Pod whose UID is POD_UID.",
        Defaults.SocketName, TryParseText);

    private readonly Option<Choice<RegistrationMode>> _registration = OptionFactory.CreateChoice<RegistrationMode>(
        "--registration",
        "How the kubelet gets to know the plugin: by a call, by finding its socket, or by what works.",
        new("classic", RegistrationMode.Classic), new("watcher", RegistrationMode.Watcher), new("auto", RegistrationMode.Auto));

    private readonly Option<string> _registryDirectory = OptionFactory.Create<string>(
        "--registry-dir", "FOLDER", "The kubelet's folder where it finds sockets, for watcher and auto.", Defaults.RegistryDirectory,
        TryParseText);

    private readonly Option<string> _resourceName = OptionFactory.Create<string>(
        "--resource-name", "NAME",
        "The resource that Pods ask for; with {family} or {product} in it, each kind of card is a resource of its own.",
        Defaults.ResourceName, TryParseResourceName);

    private readonly Option<Choice<CdiMode>> _cdi = OptionFactory.CreateChoice<CdiMode>(
        "--cdi",
        "Whether containers ask the runtime for NPUs by their CDI names, too: by annotations, or by a field of kubelets from 1.28 on.",
        new("off", CdiMode.Off), new("annotations", CdiMode.Annotations), new("field", CdiMode.Field));

    private readonly Option<string> _cdiDirectory = OptionFactory.Create<string>(
        "--cdi-dir", "FOLDER", "The folder where the runtime looks for CDI files.", Defaults.CdiDirectory, TryParseCdiDirectory);

    /// <summary>Those that a configuration file stands for.</summary>
    private Option[] OfFile =>
    [
        _defaultPe, _allocationPolicy, _interval, _disabledDevices, _pluginDirectory, _socketName, _registration, _registryDirectory,
        _resourceName, _cdi, _cdiDirectory,
    ];

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[.. OfFile, ConfigFile, NodeName, Address, Root])
            command.Options.Add(option);

        Logging.AddTo(command);
    }

    public void Apply(ParseResult parsed, DevicePluginOptions plugin)
    {
        plugin.DefaultPe = parsed.ValueOf(_defaultPe);
        plugin.AllocationPolicy = parsed.ValueOf(_allocationPolicy);
        plugin.DisabledDevices = [.. parsed.GetRequiredValue(_disabledDevices)];
        plugin.PluginDirectory = parsed.GetRequiredValue(_pluginDirectory);
        plugin.SocketName = parsed.GetRequiredValue(_socketName);
        plugin.Registration = parsed.ValueOf(_registration);
        plugin.RegistryDirectory = parsed.GetRequiredValue(_registryDirectory);
        plugin.ResourceName = parsed.GetRequiredValue(_resourceName);
        plugin.Cdi = parsed.ValueOf(_cdi);
        plugin.CdiDirectory = parsed.GetRequiredValue(_cdiDirectory);
    }

    public void Apply(ParseResult parsed, DeviceMonitorOptions devices) => devices.Interval = parsed.ValueOf(_interval);

    /// <summary>What is wrong with options that are each right by themselves, or with the folder that they name.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed, string? podUid)
    {
        if (parsed.GetValue(ConfigFile) is not null)
        {
            return OfFile.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option =>
                $"Option '{option.Name}' does not go with '--config-file', which stands for it: write it into the file.");
        }

        var plugin = new DevicePluginOptions { PodUid = podUid };
        Apply(parsed, plugin);
        var (option, folder) = plugin.Registration == RegistrationMode.Watcher
            ? ("--registry-dir", plugin.RegistryDirectory) : ("--plugin-dir", plugin.PluginDirectory);
        (string Option, string Value, string? Error)[] errors =
        [
            // Else /readyz tells.
            (option, folder, parsed.GetValue(Address) is null ? DevicePluginOptions.PluginDirectoryError(folder) : null),
            ("--socket-name", plugin.SocketName, plugin.SocketError()),
        ];
        return Array.ConvertAll(
            Array.FindAll(errors, error => error.Error is not null),
            error => $"Option '{error.Option}' does not take '{error.Value}': {error.Error}");
    }

    private static bool TryParseDefaultPe(string text, out Choice<DefaultPe> value, out string reason)
    {
        reason = $"allowed are {DefaultPe.Fusion} and {DefaultPe.Single}.";
        var isFused = text.Equals(nameof(DefaultPe.Fusion), StringComparison.OrdinalIgnoreCase)
            // Manifests of the SDK 0.6.
            || text == "pe0-1";
        var isSingle = text.Equals(nameof(DefaultPe.Single), StringComparison.OrdinalIgnoreCase);
        value = new Choice<DefaultPe>(text, isSingle ? DefaultPe.Single : DefaultPe.Fusion);
        return isFused || isSingle;
    }

    private static bool TryParseAllocationPolicy(string text, out Choice<AllocationPolicy> value, out string reason)
    {
        reason = "allowed are packed and spread.";
        var isPacked = text.Equals("packed", StringComparison.OrdinalIgnoreCase);
        var isSpread = text.Equals("spread", StringComparison.OrdinalIgnoreCase);
        value = new Choice<AllocationPolicy>(text, isSpread ? AllocationPolicy.Spread : AllocationPolicy.Packed);
        return isPacked || isSpread;
    }

    private static bool TryParseCdiDirectory(string text, out string value, out string reason)
    {
        value = text;
        var error = DevicePluginOptions.CdiDirectoryError(text);
        reason = error ?? "";
        return error is null;
    }

    private static bool TryParseDevice(string text, out string value, out string reason)
    {
        value = text;
        reason = "allowed are names of cards, npu0 to npu255.";
        return text.StartsWith("npu", StringComparison.Ordinal) && byte.TryParse(text.AsSpan(3), out var index)
            && text == $"npu{index}";
    }

    private static bool TryParseFile(string text, out string? value, out string reason)
    {
        value = text;
        reason = "allowed is a file's path.";
        return text.Length > 0;
    }

    private static bool TryParseResourceName(string text, out string value, out string reason)
    {
        value = text;
        var error = DevicePluginOptions.ResourceNameError(text);
        reason = error ?? "";
        return error is null;
    }

    private static bool TryParseText(string text, out string value, out string reason)
    {
        value = text;
        reason = "";
        return true;
    }
}
