namespace NpuFeatureDiscovery.DevicePlugin;

/// <summary>Devices that cannot be given. Its message ends up in the status of the Pod, where a user reads it.</summary>
/// <param name="message">Device, reason and remedy.</param>
/// <param name="innerException">What it came from, for the log.</param>
public sealed class AllocationException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the request could never be granted; else not now.</summary>
    internal bool IsRequestWrong { get; init; }
}
