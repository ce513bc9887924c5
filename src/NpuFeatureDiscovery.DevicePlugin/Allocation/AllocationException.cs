namespace NpuFeatureDiscovery.DevicePlugin.Allocation;

/// <summary>Units that cannot be given. Its message ends up in the status of the Pod, where a user reads it.</summary>
/// <param name="message">Device, reason and remedy.</param>
/// <param name="isRequestWrong">Whether the request could never be granted; else not now.</param>
internal sealed class AllocationException(string message, bool isRequestWrong) : Exception(message)
{
    public bool IsRequestWrong => isRequestWrong;
}
