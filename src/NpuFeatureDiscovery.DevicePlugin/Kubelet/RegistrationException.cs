namespace NpuFeatureDiscovery.DevicePlugin.Kubelet;

/// <summary>The kubelet has not accepted the plugin.</summary>
internal sealed class RegistrationException(string message, Exception? innerException = null) : Exception(message, innerException);
