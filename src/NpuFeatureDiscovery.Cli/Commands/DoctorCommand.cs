using System.CommandLine;
using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Cli.Doctor.Bundle;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Says what is wrong with the node, why, and what to do; changes nothing.</summary>
internal sealed class DoctorCommand
{
    public const string Name = "doctor";

    private readonly DoctorCommandOptions _options = new();
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Func<string, string?> _environment;
    private readonly bool _isTerminal;

    private DoctorCommand(TextWriter output, TextWriter error, Func<string, string?> environment, bool isTerminal) =>
        (_output, _error, _environment, _isTerminal) = (output, error, environment, isTerminal);

    /// <param name="output">Takes results.</param>
    /// <param name="error">Takes everything else.</param>
    /// <param name="environment">Gives the value of a variable, null where there is none.</param>
    /// <param name="isTerminal">Whether a person looks at the results as they come.</param>
    public static Command Create(TextWriter output, TextWriter error, Func<string, string?> environment, bool isTerminal)
    {
        var handler = new DoctorCommand(output, error, environment, isTerminal);
        var command = new Command(
            Name, "Say what is wrong with the node, why, and what to do; exit code 1 where there is a problem. Changes nothing.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var context = CreateContext(parsed);
        var findings = await DoctorRun.RunAsync(DoctorChecks.Of(context), context.TimeProvider, cancellationToken);
        var report = new DoctorReport(context.NodeName, context.TimeProvider.GetUtcNow(), findings);

        var bundle = parsed.GetValue(_options.Bundle);
        // Standard output is either the report or the archive.
        await (bundle == BundleArchive.StandardOutput ? _error : _output).WriteAsync(
            parsed.ValueOf(_options.Output) == DoctorOutput.Json
                ? DoctorDocument.Create(report).ToJson()
                // https://no-color.org
                : DoctorText.Draw(report, isColoured: _isTerminal && string.IsNullOrEmpty(_environment("NO_COLOR"))));
        if (bundle is not null)
            await WriteBundleAsync(bundle, context, report, cancellationToken);

        return report.Worst >= (parsed.GetValue(_options.Strict) ? FindingLevel.Warning : FindingLevel.Problem)
            ? ExitCode.Failed : ExitCode.Done;
    }

    private async Task WriteBundleAsync(
        string path, DoctorContext context, DoctorReport report, CancellationToken cancellationToken)
    {
        var files = await new BundleContent(context, report).CollectAsync(cancellationToken);
        try
        {
            await BundleArchive.WriteAsync(path, files, report.At, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException([$"Option '--bundle' does not take '{path}': {exception.Message}"]);
        }

        if (path != BundleArchive.StandardOutput)
            await _error.WriteLineAsync($"{ProgramName.Own}: {files.Count} files are in '{path}'. See what it tells before you give it away.");
    }

    private DoctorContext CreateContext(ParseResult parsed)
    {
        var root = parsed.GetRequiredValue(_options.Root);
        var node = ReadNode(root, out var nodeFailure);
        var kubernetes = FindKubernetes(out var noKubernetes);
        return new DoctorContext
        {
            Root = root,
            Node = node,
            NodeFailure = nodeFailure,
            NodeName = NodeName.Choose(parsed.GetValue(_options.NodeName), _environment),
            IsContainer = Surroundings.IsContainer(_environment),
            Folders = _options.FoldersOf(parsed),
            Resources = _options.ResourcesOf(parsed),
            Address = parsed.GetValue(_options.Address),
            Kubernetes = kubernetes,
            NoKubernetes = noKubernetes,
            Environment = _environment,
            TimeProvider = TimeProvider.System,
        };
    }

    private static NodeSnapshot? ReadNode(HostRoot root, out string? failure)
    {
        try
        {
            using var reader = new NodeReader(root);
            failure = null;
            return reader.Read();
        }
        catch (HostUnreadableException exception)
        {
            failure = exception.Message;
            return null;
        }
    }

    private KubernetesClient? FindKubernetes(out string? reason)
    {
        try
        {
            reason = KubernetesConfiguration.IsPodWithoutToken(_environment)
                ? "the Pod has no token of a service account (automountServiceAccountToken: false)" : LabelSinks.NoServer;
            if (KubernetesConfiguration.IsPodWithoutToken(_environment)
                || KubernetesConfiguration.Find(_environment) is not { } configuration)
                return null;

            reason = null;
            return new KubernetesClient(configuration, TimeProvider.System);
        }
        catch (KubernetesConfigurationException exception)
        {
            reason = exception.Message;
            return null;
        }
    }
}
