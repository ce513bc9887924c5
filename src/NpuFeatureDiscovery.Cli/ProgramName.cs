using System.Text;

namespace NpuFeatureDiscovery.Cli;

/// <summary>The name by which the program is called: its own, or that of a link to it.</summary>
/// <remarks>
/// Only the first entry of <c>/proc/self/cmdline</c> tells it: for .NET the process is where the link leads, and the first
/// argument is the assembly, or what stands for it in a one-file program.
/// </remarks>
internal static class ProgramName
{
    public const string Own = "npu-feature-discovery";

    /// <summary>The node labeller of the SDK 0.5.</summary>
    public const string NodeLabeller = "k8s-node-labeller";

    /// <summary>The device plugin of the SDKs 0.5 to 0.10.</summary>
    public const string DevicePlugin = "k8s-device-plugin";

    /// <summary>The exporter of the SDKs 0.8 to 0.10.</summary>
    public const string MetricsExporter = "npu-metrics-exporter";

    public static string Read()
    {
        try
        {
            return Parse(File.ReadAllBytes("/proc/self/cmdline"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc no link is told from the program itself.
            return Own;
        }
    }

    /// <summary>The file name of the first of the entries, each of which a NUL ends.</summary>
    public static string Parse(ReadOnlySpan<byte> commandLine)
    {
        var end = commandLine.IndexOf((byte)0);
        var path = Encoding.UTF8.GetString(end < 0 ? commandLine : commandLine[..end]);
        return Path.GetFileName(path) is { Length: > 0 } name ? name : Own;
    }
}
