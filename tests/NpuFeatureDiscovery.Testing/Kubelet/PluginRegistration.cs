namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>One call of <c>Register</c>, or one plugin that was found in the registry folder, whatever came of it.</summary>
/// <param name="Start">Which start of the kubelet received it, from 1.</param>
/// <param name="Version">The version of the API.</param>
/// <param name="Endpoint">The file name of the plugin's socket; of one that was found its path.</param>
/// <param name="ResourceName">The resource.</param>
/// <param name="Options">The options; <see langword="null"/> where the request has none, and of a plugin that was found.</param>
/// <param name="Refusal">Why the kubelet refused it at once; <see langword="null"/> where it did not.</param>
public sealed record PluginRegistration(
    int Start, string Version, string Endpoint, string ResourceName, PluginOptions? Options, string? Refusal);

/// <summary>What a plugin asks its kubelet to do besides <c>Allocate</c>.</summary>
/// <param name="PreStartRequired">To call <c>PreStartContainer</c> before each start of a container.</param>
/// <param name="GetPreferredAllocationAvailable">To ask which devices to choose.</param>
public sealed record PluginOptions(bool PreStartRequired, bool GetPreferredAllocationAvailable);
