using System.Security.Cryptography.X509Certificates;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>
/// A token in a file, which the kubelet replaces before it expires. It is read for every request: an agent makes few, and so
/// never sends an old one.
/// </summary>
internal sealed class TokenFileCredential(string path, X509Certificate2? certificate = null) : Credential(certificate)
{
    public override async ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            return token.Length > 0 ? token : throw new KubernetesException($"The token file '{path}' is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesException(
                $"The token file '{path}' cannot be read: {exception.Message} Mount the service account's token, or correct "
                + "the path.",
                innerException: exception);
        }
    }
}
