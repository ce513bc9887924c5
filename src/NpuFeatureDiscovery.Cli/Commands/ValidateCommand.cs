using System.CommandLine;
using System.Text;
using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Labels.Nfd;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Says what a version of NFD makes of feature files, whoever wrote them.</summary>
internal sealed class ValidateCommand
{
    public const string Name = "validate";

    private readonly ValidateCommandOptions _options = new();
    private readonly Stream _input;
    private readonly TextWriter _output;

    private ValidateCommand(Stream input, TextWriter output)
    {
        _input = input;
        _output = output;
    }

    public static Command Create(Stream input, TextWriter output)
    {
        var handler = new ValidateCommand(input, output);
        var command = new Command(
            Name, "Say what a version of NFD makes of each line of a feature file; exit code 1 where something is lost.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var version = parsed.GetRequiredValue(_options.Version);
        var master = _options.MasterOf(parsed);
        var now = TimeProvider.System.GetUtcNow();

        var files = new List<ValidatedFile>();
        foreach (var path in parsed.GetRequiredValue(_options.Files))
        {
            try
            {
                if (path == ValidateCommandOptions.StandardInput)
                    files.Add(new("standard input", NfdFeatureFile.Parse(
                        await ReadInputAsync(cancellationToken), version, now, master, name: "stdin")));
                else if (Directory.Exists(path))
                    files.AddRange(NfdFeatureFolder.Load(path, version, now, master).Files
                        .Select(file => new ValidatedFile(Path.Combine(path, file.Name), file)));
                else
                    files.Add(new(path, NfdFeatureFile.Load(path, version, now, master)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new UsageException(
                    [$"'{path}' cannot be read: {exception.Message} Name a feature file, a folder of them, or '-' for standard input."]);
            }
        }

        await _output.WriteAsync(parsed.ValueOf(_options.Output) == ValidateOutput.Json
            ? ValidationDocument.Create(version, files).ToJson()
            : ValidationTable.Draw(version, files));
        return files.Exists(file => file.File.IsLossy) ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>A byte order mark stays, as it does for NFD.</summary>
    private async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await _input.CopyToAsync(content, cancellationToken);
        return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length);
    }
}
