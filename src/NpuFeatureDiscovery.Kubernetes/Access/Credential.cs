using System.Security.Cryptography.X509Certificates;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>Who we are to the API server; this one shows a client certificate, or nothing.</summary>
internal class Credential(X509Certificate2? certificate = null) : IDisposable
{
    /// <summary>The certificate that new connections show.</summary>
    public virtual X509Certificate2? Certificate => certificate;

    /// <summary>The token that goes with a request.</summary>
    /// <exception cref="KubernetesException">There is none to be had.</exception>
    public virtual ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    /// <summary>Called when the API server did not accept the token: what is kept of it is worth nothing.</summary>
    public virtual void Forget()
    {
    }

    public virtual void Dispose() => certificate?.Dispose();
}
