using System.CommandLine;
using System.Text;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.Metrics.Pods;

namespace NpuFeatureDiscovery.Cli;

/// <summary>The options of every command that asks the kubelet which Pods hold the cards.</summary>
internal static class PodResourcesOption
{
    /// <summary>Of a command that cannot do without it.</summary>
    public static Option<string> CreateSocket() => CreateSocket("SOCKET", "allowed is the path of a socket, of at most 107 bytes.");

    public static Option<string> CreateSocketOrOff() =>
        CreateSocket("SOCKET|off", "allowed is the path of a socket, of at most 107 bytes, or off.");

    public static Option<IReadOnlyList<string>> CreateResourceNames() => OptionFactory.CreateList<string>(
        "--resource-name", "NAME,...", "Further resources of NPUs, besides FuriosaAI's own; one that ends in * stands for all that begin so.",
        [], TryParseResourceName);

    private static Option<string> CreateSocket(string valueName, string allowed)
    {
        return OptionFactory.Create<string>(
            "--pod-resources", valueName, "The kubelet's socket that tells which Pods hold the cards.",
            new PodResourcesOptions().SocketPath, TryParse);

        bool TryParse(string text, out string value, out string reason)
        {
            value = text;
            reason = allowed;
            return text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= 107;
        }
    }

    public static bool TryParseResourceName(string text, out string value, out string reason)
    {
        value = text;
        var error = text.AsSpan().ContainsAny('{', '}')
            ? "braces are for the device plugin: write what it makes of them, or end the name in *."
            // What a * stands for is not known; the plainest name tells whether the rest is right.
            : DevicePluginOptions.ResourceNameError(text.EndsWith('*') ? text[..^1] + "x" : text);
        reason = error ?? "";
        return error is null;
    }
}
