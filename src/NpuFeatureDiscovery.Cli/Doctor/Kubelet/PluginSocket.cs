using System.Text;
using Google.Protobuf.WellKnownTypes;
using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Cli.Doctor.Kubelet;

/// <summary>A socket of an NPU plugin, ours or another, in a folder of the kubelet's.</summary>
/// <param name="Path">The socket.</param>
/// <param name="IsServed">Whether somebody listens there.</param>
/// <param name="Error">Why who listens does not answer as a device plugin; null where it does, or nobody listens.</param>
internal sealed record PluginSocket(string Path, bool IsServed, string? Error)
{
    private const int MaxPathBytes = 107;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public bool Answers => IsServed && Error is null;

    /// <summary>
    /// Asks each for its options alone: a second reader of its list would take the place of the kubelet at some plugins.
    /// </summary>
    public static async Task<IReadOnlyList<PluginSocket>> ReadAllAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        string[] paths = [.. Find(context.Folders.Plugins).Concat(Find(context.Folders.Registry))];
        return await Task.WhenAll(paths.Select(path => ReadAsync(path, context.TimeProvider, cancellationToken)));
    }

    /// <summary>
    /// Ours is <c>furiosa-npu</c> where nobody chose another name, and those of FuriosaAI begin with their resource's. There are NPUs of
    /// others, too, whose plugins have their makers' names.
    /// </summary>
    public static bool IsOfNpus(string name) =>
        name.Contains("furiosa", StringComparison.OrdinalIgnoreCase)
        || name is "npu" or "npu.sock" || name.StartsWith("npu-", StringComparison.Ordinal);

    private static IEnumerable<string> Find(string folder)
    {
        try
        {
            return [.. Directory.GetFiles(folder).Where(path => IsOfNpus(System.IO.Path.GetFileName(path))
                && Encoding.UTF8.GetByteCount(path) <= MaxPathBytes && UnixSocket.Exists(path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static async Task<PluginSocket> ReadAsync(string path, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (!UnixSocket.IsServed(path))
            return new PluginSocket(path, IsServed: false, null);

        try
        {
            using var channel = new GrpcChannel(path, timeProvider);
            // What it answers is of no matter here, and fields that a message does not have are left alone.
            await channel.UnaryAsync(
                "/v1beta1.DevicePlugin/GetDevicePluginOptions", new Empty(), Empty.Parser, Deadline, cancellationToken);
            return new PluginSocket(path, IsServed: true, null);
        }
        catch (GrpcException exception)
        {
            return new PluginSocket(path, IsServed: true, exception.Message);
        }
    }
}
