using System.CommandLine;
using System.Runtime.InteropServices;
using NpuFeatureDiscovery.Cli.Listing;

namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>Lists the host's NPUs with what their sensors say or who holds them, for people and for scripts.</summary>
internal sealed class DevicesCommand
{
    public const string Name = "devices";

    private readonly DevicesCommandOptions _options = new();
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly OutputDevice _device;

    private DevicesCommand(TextWriter output, TextWriter error, OutputDevice device)
    {
        _output = output;
        _error = error;
        _device = device;
    }

    public static Command Create(TextWriter output, TextWriter error, OutputDevice device)
    {
        var handler = new DevicesCommand(output, error, device);
        var command = new Command(
            Name, "List the NPUs with temperature, power and place, as furiosactl does, or with who holds them.");
        handler._options.AddTo(command);
        command.SetAction(handler.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        UsageException.ThrowIfAny(_options.Contradictions(parsed));
        using var listing = _options.CreateListing(parsed, _device);
        if (parsed.GetValue(_options.Watch))
            await WatchAsync(listing, _options.IntervalOf(parsed), cancellationToken);
        else
            await ListAsync(listing, cancellationToken);

        return ExitCode.Done;
    }

    private async Task ListAsync(IListing listing, CancellationToken cancellationToken)
    {
        var (text, notices) = await listing.ReadAsync(cancellationToken);
        await _output.WriteAsync(text);
        foreach (var notice in notices)
            await _error.WriteLineAsync($"{ProgramName.Own}: {PrintableText.Of(notice)}");
    }

    /// <summary>Until somebody presses Ctrl-C or ends the program: that is how it is meant to end.</summary>
    private async Task WatchAsync(IListing listing, TimeSpan interval, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        await new ListingWatch(listing, _output, _error, _device, TimeProvider.System).RunAsync(interval, ended.Token);

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ended.Cancel();
        }
    }
}
