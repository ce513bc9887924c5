namespace NpuFeatureDiscovery.Devices;

/// <summary>
/// The host cannot be read at all, so that nothing is known of its cards: neither that they are there nor that they are not.
/// </summary>
public sealed class HostUnreadableException : Exception
{
    /// <param name="message">What could not be read, why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public HostUnreadableException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
