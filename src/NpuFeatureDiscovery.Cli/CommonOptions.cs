using System.CommandLine;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels.Sinks;
using NpuFeatureDiscovery.Metrics;

namespace NpuFeatureDiscovery.Cli;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    public static Option<HostRoot> CreateRoot() => OptionFactory.Create<HostRoot>(
        "--root", "FOLDER", "The folder to read as the host: / or a host mounted elsewhere.", HostRoot.Default, TryParseRoot);

    /// <param name="defaultValue">How often, where it is not said.</param>
    public static Option<Choice<TimeSpan>> CreateInterval(Choice<TimeSpan> defaultValue) => OptionFactory.Create<Choice<TimeSpan>>(
        "--interval", "TIME", "How often to read everything: seconds, or a number with s, m or h; 1s to 24h.", defaultValue,
        TryParseInterval);

    public static Option<Choice<TimeSpan>> CreateHealthInterval() => OptionFactory.Create<Choice<TimeSpan>>(
        "--health-interval", "TIME", "How often to read which cards are there and alive; 1s to the interval.",
        new("1s", TimeSpan.FromSeconds(1)), TryParseInterval);

    /// <summary>What is wrong with a health interval beside an interval; null where nothing is.</summary>
    public static string? HealthIntervalError(
        ParseResult parsed, Option<Choice<TimeSpan>> healthOption, Option<Choice<TimeSpan>> intervalOption)
    {
        var (health, interval) = (parsed.GetRequiredValue(healthOption), parsed.GetRequiredValue(intervalOption));
        return health.Value > interval.Value
            ? $"Option '--health-interval' does not take '{health}' beside '--interval {interval}': allowed are 1s to the interval."
            : null;
    }

    /// <param name="description">What it is for, and what counts where it is not given.</param>
    public static Option<string?> CreateNodeName(
        string description = "The name of this Node; else NODE_NAME, else K8S_NODE_NAME, else the host's name.") =>
        OptionFactory.Create<string?>("--node-name", "NAME", description, null, TryParseText);

    public static Option<EndpointAddress?> CreateAddress() => OptionFactory.Create<EndpointAddress?>(
        "--address", "[HOST]:PORT", "Where to serve /livez, /readyz and /metrics: an address such as :8080, or nowhere.", null,
        TryParseAddress);

    /// <param name="name">The option.</param>
    /// <param name="description">A sentence for the help.</param>
    /// <param name="defaultValue">Its usual place.</param>
    public static Option<string> CreateFolder(string name, string description, string defaultValue) =>
        OptionFactory.Create<string>(name, "FOLDER", description, defaultValue, TryParseFolder);

    public static Option<string> CreateFeatureFileName() => OptionFactory.Create<string>(
        "--file-name", "NAME", "The feature file's name.", FeatureFileOptions.DefaultFileName, TryParseFileName);

    public static bool TryParseInterval(string text, out Choice<TimeSpan> value, out string reason)
    {
        var (shortest, longest) = DeviceMonitorOptions.IntervalRange;
        var isDuration = Duration.TryParse(text, out var interval);
        value = new Choice<TimeSpan>(text, interval);
        reason = "allowed are 1s to 24h, as seconds or with s, m or h behind the number.";
        return isDuration && interval >= shortest && interval <= longest;
    }

    public static bool TryParseAddress(string text, out EndpointAddress? value, out string reason)
    {
        var isAddress = EndpointAddress.TryParse(text, out value, out _);
        reason = "allowed are PORT, :PORT, HOST:PORT and [IPv6]:PORT with a port from 0 to 65535.";
        return isAddress;
    }

    public static bool TryParseFolder(string text, out string value, out string reason)
    {
        value = text;
        reason = "allowed is a folder's path.";
        return text.Length > 0;
    }

    private static bool TryParseFileName(string text, out string value, out string reason)
    {
        value = text;
        var error = FeatureFileOptions.FileNameError(text);
        reason = error ?? "";
        return error is null;
    }

    private static bool TryParseText(string text, out string? value, out string reason)
    {
        value = text;
        reason = "allowed is the name of a Node.";
        return text.Length > 0;
    }

    private static bool TryParseRoot(string text, out HostRoot value, out string reason)
    {
        value = HostRoot.Default;
        reason = "it is no folder; allowed is a folder that holds a host's sys and dev.";
        if (!Directory.Exists(text))
            return false;

        value = new HostRoot(text);
        return true;
    }
}
