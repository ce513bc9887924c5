namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>
/// A pod that the kubelet itself fails, without or in spite of the plugin's answer: reason <c>UnexpectedAdmissionError</c>,
/// not tried again.
/// </summary>
public sealed class AdmissionException : Exception
{
    /// <param name="message">Why.</param>
    public AdmissionException(string message)
        : base(message)
    {
    }
}
