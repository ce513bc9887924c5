using System.CommandLine;
using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The options of <c>doctor</c>, which are called as those of the commands that it looks after.</summary>
internal sealed class DoctorCommandOptions
{
    private static readonly DevicePluginOptions PluginDefaults = new();
    private static readonly PodResourcesOptions PodDefaults = new();

    public Option<Choice<DoctorOutput>> Output { get; } = OptionFactory.CreateChoice<DoctorOutput>(
        "--output", "How to say it: a table, or a document for scripts.",
        new("table", DoctorOutput.Table), new("json", DoctorOutput.Json));

    public Option<bool> Strict { get; } = OptionFactory.CreateFlag("--strict", "End with exit code 1 for a warning, too.");

    public Option<string?> Bundle { get; } = OptionFactory.Create<string?>(
        "--bundle", "FILE", "Write what a report of a fault needs into a .tar.gz, without secrets; - for standard output.", null,
        TryParseBundle);

    public Option<HostRoot> Root { get; } = CommonOptions.CreateRoot();

    public Option<string?> NodeName { get; } = CommonOptions.CreateNodeName();

    public Option<EndpointAddress?> Address { get; } = OptionFactory.Create<EndpointAddress?>(
        "--address", "[HOST]:PORT", "Where a program of ours serves /readyz and /metrics, to be asked as well.", null,
        CommonOptions.TryParseAddress);

    private readonly Option<string> _featuresDirectory = CommonOptions.CreateFolder(
        "--features-dir", "The folder that nfd-worker reads.", FeatureFileOptions.DefaultFeaturesDirectory);

    private readonly Option<string> _fileName = CommonOptions.CreateFeatureFileName();

    private readonly Option<string> _pluginDirectory = CommonOptions.CreateFolder(
        "--plugin-dir", "The kubelet's folder for device plugins.", PluginDefaults.PluginDirectory);

    private readonly Option<string> _registryDirectory = CommonOptions.CreateFolder(
        "--registry-dir", "The kubelet's folder where it finds sockets.", PluginDefaults.RegistryDirectory);

    private readonly Option<string> _podResources = OptionFactory.Create<string>(
        "--pod-resources", "SOCKET", "The kubelet's socket that tells which Pods hold the cards.", PodDefaults.SocketPath,
        TryParseSocket);

    private readonly Option<IReadOnlyList<string>> _resourceNames = PodResourcesOption.CreateResourceNames();

    private readonly Option<IReadOnlyList<string>> _cdiDirectories = OptionFactory.CreateList<string>(
        "--cdi-dir", "FOLDER,...", "The folders where the runtime looks for CDI files.", ["/etc/cdi", PluginDefaults.CdiDirectory],
        CommonOptions.TryParseFolder);

    public void AddTo(Command command)
    {
        Option[] options =
        [
            Output, Strict, Bundle, Root, NodeName, Address, _featuresDirectory, _fileName, _pluginDirectory, _registryDirectory, _podResources,
            _resourceNames, _cdiDirectories,
        ];
        foreach (var option in options)
            command.Options.Add(option);
    }

    public IReadOnlyList<string> ResourcesOf(ParseResult parsed) => [.. PodDefaults.Resources, .. parsed.GetRequiredValue(_resourceNames)];

    public DoctorFolders FoldersOf(ParseResult parsed)
    {
        var root = parsed.GetRequiredValue(Root);
        return new DoctorFolders
        {
            Features = Find(_featuresDirectory),
            FeatureFileName = parsed.GetRequiredValue(_fileName),
            Plugins = Find(_pluginDirectory),
            Registry = Find(_registryDirectory),
            PodResources = Find(_podResources),
            Cdi = [.. parsed.GetRequiredValue(_cdiDirectories).Select(folder => IsSaid(_cdiDirectories) ? folder : Below(folder))],
        };

        string Find(Option<string> option) =>
            IsSaid(option) ? parsed.GetRequiredValue(option) : Below(parsed.GetRequiredValue(option));

        bool IsSaid(Option option) => parsed.GetResult(option) is { Implicit: false };

        // Our Pods have these folders where the host has them, a Pod for looking at nodes has the whole host below one.
        string Below(string path) => Path.Exists(root.Resolve(path)) ? root.Resolve(path) : path;
    }

    private static bool TryParseBundle(string text, out string? value, out string reason)
    {
        value = text;
        reason = "there is a file of that name, which stays as it is: remove it, or choose another.";
        return text.Length > 0 && !Path.Exists(text);
    }

    private static bool TryParseSocket(string text, out string value, out string reason)
    {
        value = text;
        reason = "allowed is the path of a socket, of at most 107 bytes.";
        return text.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(text) <= 107;
    }
}
