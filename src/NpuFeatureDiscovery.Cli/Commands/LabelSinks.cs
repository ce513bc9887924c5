using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Events;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Makes of the options of <c>label</c> where it publishes, and finds the API server where that needs one.</summary>
internal sealed partial class LabelSinks : IDisposable
{
    public const string NoServer =
        "there is no API server: neither KUBECONFIG, nor a pod's service account, nor ~/.kube/config";

    private readonly LabelCommandOptions _options;
    private readonly ParseResult _parsed;
    private readonly TextWriter _output;
    private readonly Func<string, string?> _environment;
    private readonly ILoggerFactory _loggers;
    private readonly KubernetesClient? _client;

    /// <exception cref="KubernetesConfigurationException">The way to the API server is incomplete or broken.</exception>
    /// <exception cref="UsageException">There is none, and the output needs one.</exception>
    public LabelSinks(
        LabelCommandOptions options, ParseResult parsed, TextWriter output, Func<string, string?> environment,
        ILoggerFactory loggers)
    {
        (_options, _parsed, _output, _environment, _loggers) = (options, parsed, output, environment, loggers);
        Output = parsed.ValueOf(options.Output);
        if (Output is LabelOutput.File or LabelOutput.StandardOutput)
            return;

        var mayDoWithout = Output == LabelOutput.Auto;
        var configuration = mayDoWithout && KubernetesConfiguration.IsPodWithoutToken(environment)
            ? null
            : KubernetesConfiguration.Find(environment);
        if (configuration is not null)
        {
            _client = new KubernetesClient(configuration, TimeProvider.System);
            if (!configuration.VerifiesServer)
                LogUnverified(loggers.CreateLogger<LabelSinks>(), configuration.Server, configuration.Source);
        }
        else if (!mayDoWithout)
            throw new UsageException([$"Option '--output' does not take '{parsed.GetValue(options.Output)}' here: {NoServer}."]);
    }

    /// <summary>What <c>--output</c> says.</summary>
    public LabelOutput Output { get; }

    /// <summary>Whether an API server is called.</summary>
    public bool CallsApi => _client is not null;

    /// <summary>Writes Events of the Node as well, where that is asked for.</summary>
    public static void AddEvents(
        IServiceCollection services, LabelCommandOptions options, ParseResult parsed, Func<string, string?> environment,
        Func<IServiceProvider, LabelSinks> sinks)
    {
        if (parsed.GetValue(options.Events))
            services.AddNodeEvents(
                provider => sinks(provider)._client, events => events.NodeName = options.NodeOf(parsed, environment).NodeName);
    }

    /// <summary>The one where the labels go.</summary>
    /// <exception cref="UsageException">The options do not suit the API server's configuration.</exception>
    public ILabelSink Create()
    {
        switch (Output)
        {
            case LabelOutput.StandardOutput:
                return new TextWriterSink(_output);
            case LabelOutput.Node:
                return Checked(() => new NodeSink(NodeOptions(), _client!));
            case LabelOutput.NodeFeature:
                return Checked(() => new NodeFeatureSink(NodeOptions(), _client!));
            case LabelOutput.Auto when _client is not null:
                return Checked(() => new AutoSink(
                    _options.FeatureFileOf(_parsed), NodeOptions(), _client, _loggers.CreateLogger<AutoSink>()));
            case LabelOutput.Auto:
                LogNoServer(_loggers.CreateLogger<LabelSinks>(), NoServer);
                break;
        }

        return CreateFile();
    }

    public FeatureFileSink CreateFile() => new(_options.FeatureFileOf(_parsed));

    /// <summary>Those of the API server that can hold labels of this Node.</summary>
    public IEnumerable<ILabelSink> CreateOfApi()
    {
        if (_client is null)
            yield break;

        if (Output is LabelOutput.NodeFeature || (Output is LabelOutput.Auto && CanHaveNodeFeature()))
            yield return Checked(() => new NodeFeatureSink(NodeOptions(), _client));
        if (Output is LabelOutput.Auto or LabelOutput.Node)
            yield return Checked(() => new NodeSink(NodeOptions(), _client));
    }

    public void Dispose() => _client?.Dispose();

    private bool CanHaveNodeFeature() => NodeFeatureSinkOptions.Error(NodeOptions(), _client!.Configuration) is null;

    private NodeFeatureSinkOptions NodeOptions() => _options.NodeOf(_parsed, _environment);

    private static T Checked<T>(Func<T> create)
    {
        try
        {
            return create();
        }
        catch (ArgumentException exception)
        {
            // Without the name of the parameter, which is ours.
            throw new UsageException([$"{exception.Message.Split(" (Parameter '")[0]} See --node-name and --namespace."]);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Publishing a feature file: {Reason}", EventName = "NoServer")]
    private static partial void LogNoServer(ILogger logger, string reason);

    [LoggerMessage(
        2, LogLevel.Warning,
        "Anybody on the way to {Server} can answer in its place: {Source} gives an address without TLS, or says insecure-skip-tls-verify. "
        + "Give an https address and its certificate-authority",
        EventName = "Unverified")]
    private static partial void LogUnverified(ILogger logger, Uri server, string source);
}
