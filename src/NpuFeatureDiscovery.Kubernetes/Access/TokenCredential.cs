using System.Security.Cryptography.X509Certificates;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>A token that never changes.</summary>
internal sealed class TokenCredential(string token, X509Certificate2? certificate) : Credential(certificate)
{
    public override ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(token);
}
