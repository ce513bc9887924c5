using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>
/// Lists again and again: on a terminal in the same place, elsewhere what has changed, until it is cancelled or nobody reads on.
/// </summary>
internal sealed class ListingWatch(
    IListing listing, TextWriter output, TextWriter error, OutputDevice device, TimeProvider timeProvider)
{
    // https://man7.org/linux/man-pages/man4/console_codes.4.html
    private const string Home = "\e[H";
    private const string ClearToEndOfLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private ListedText _last = new("", []);

    /// <exception cref="HostUnreadableException">The first time nothing is known of the cards.</exception>
    /// <exception cref="ListingException">The first time there is nothing to list.</exception>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, timeProvider);
        try
        {
            await ShowAsync(await listing.ReadAsync(cancellationToken));
            while (await timer.WaitForNextTickAsync(cancellationToken) && !device.IsClosed)
                await ShowAsync(await ReadAgainAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // This is how it ends.
        }
    }

    /// <summary>What worked once may work again: a kubelet restarts, a driver is loaded anew.</summary>
    private async Task<ListedText> ReadAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await listing.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HostUnreadableException or ListingException)
        {
            return new ListedText("", [exception.Message]);
        }
    }

    private async Task ShowAsync(ListedText now)
    {
        if (device.IsTerminal)
            await output.WriteAsync(Frame(now));
        else
            await WriteChangesAsync(now);

        await output.FlushAsync();
        _last = now;
    }

    private static string Frame(ListedText now)
    {
        var notices = string.Concat(now.Notices.Select(notice => $"{ProgramName.Own}: {PrintableText.Of(notice)}\n"));
        // Line by line, since a screen that is cleared first flickers.
        return $"{Home}{(now.Text + notices).Replace("\n", $"{ClearToEndOfLine}\n", StringComparison.Ordinal)}{ClearBelow}";
    }

    private async Task WriteChangesAsync(ListedText now)
    {
        if (now.Text != _last.Text)
            await output.WriteAsync(now.Text);
        foreach (var notice in now.Notices.Except(_last.Notices, StringComparer.Ordinal))
            await error.WriteLineAsync($"{ProgramName.Own}: {PrintableText.Of(notice)}");
    }
}
