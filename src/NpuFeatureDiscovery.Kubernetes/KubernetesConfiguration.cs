using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NpuFeatureDiscovery.Kubernetes.Access;

namespace NpuFeatureDiscovery.Kubernetes;

/// <summary>Where the API server is, and who we are to it.</summary>
public sealed class KubernetesConfiguration
{
    private const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    internal KubernetesConfiguration(Uri server, string source) => (Server, Source) = (server, source);

    /// <summary>The API server's address.</summary>
    public Uri Server { get; }

    /// <summary>
    /// Where this is from, for people: <c>the pod's service account</c>, <c>context 'x' of /root/.kube/config</c>.
    /// </summary>
    public string Source { get; }

    /// <summary>The pod's namespace, or the context's; <see langword="null"/> where it has none.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>
    /// Whether the server has to show by its certificate who it is; <see langword="false"/> where the kubeconfig says
    /// <c>insecure-skip-tls-verify</c> or gives an address without TLS. Then whoever is on the way may answer in its place, and without
    /// TLS no credentials are sent.
    /// </summary>
    public bool VerifiesServer => Server.Scheme == Uri.UriSchemeHttps && !IsInsecure;

    internal X509Certificate2Collection? Authorities { get; init; }

    internal bool IsInsecure { get; init; }

    internal string? TlsServerName { get; init; }

    internal Uri? Proxy { get; init; }

    internal Func<TimeProvider, Credential> CreateCredential { get; init; } = _ => new Credential();

    /// <summary>
    /// Finds the API server: by the files that <c>KUBECONFIG</c> names, else as a pod does, else by <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="context">The context of the kubeconfig; <see langword="null"/> for its current one.</param>
    /// <returns><see langword="null"/> where there is none of the three.</returns>
    /// <exception cref="KubernetesConfigurationException">What is there is incomplete or broken.</exception>
    public static KubernetesConfiguration? Find(string? context = null) =>
        Find(context, Environment.GetEnvironmentVariable, ServiceAccountFolder);

    /// <summary>Finds the API server as <see cref="Find(string?)"/> does, by another environment than the process'.</summary>
    /// <param name="environment">Gives the value of a variable, <see langword="null"/> where there is none.</param>
    /// <param name="context">The context of the kubeconfig; <see langword="null"/> for its current one.</param>
    /// <returns><see langword="null"/> where there is none of the three.</returns>
    /// <exception cref="KubernetesConfigurationException">What is there is incomplete or broken.</exception>
    public static KubernetesConfiguration? Find(Func<string, string?> environment, string? context = null) =>
        Find(context, environment, ServiceAccountFolder);

    /// <summary>
    /// Whether this is a pod that was given no token (<c>automountServiceAccountToken: false</c>), and so is not meant to call the
    /// API server.
    /// </summary>
    /// <param name="environment">Gives the value of a variable, <see langword="null"/> where there is none.</param>
    public static bool IsPodWithoutToken(Func<string, string?> environment) =>
        string.IsNullOrEmpty(environment("KUBECONFIG")) && environment("KUBERNETES_SERVICE_HOST") is { Length: > 0 }
        && !File.Exists(Path.Combine(ServiceAccountFolder, "token"));

    /// <summary>Reads kubeconfig files; those that are not there are left out, as long as one is.</summary>
    /// <param name="paths">The files; what an earlier one defines counts.</param>
    /// <param name="context">The context; <see langword="null"/> for the current one.</param>
    /// <exception cref="KubernetesConfigurationException">The files are incomplete or broken.</exception>
    public static KubernetesConfiguration FromKubeconfig(IEnumerable<string> paths, string? context = null) =>
        new Kubeconfig(paths).Choose(context);

    internal static KubernetesConfiguration? Find(string? context, Func<string, string?> variable, string serviceAccountFolder)
    {
        if (variable("KUBECONFIG") is { Length: > 0 } paths)
            return FromKubeconfig(paths.Split(':', StringSplitOptions.RemoveEmptyEntries), context);
        if (variable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } host)
            return FromPod(host, variable("KUBERNETES_SERVICE_PORT"), serviceAccountFolder);

        return variable("HOME") is { Length: > 0 } home && Path.Combine(home, ".kube/config") is var path && File.Exists(path)
            ? FromKubeconfig([path], context)
            : null;
    }

    private static KubernetesConfiguration FromPod(string host, string? port, string folder)
    {
        if (!ushort.TryParse(port, out var number))
            throw new KubernetesConfigurationException(
                $"KUBERNETES_SERVICE_PORT '{port}' is no port. Kubernetes sets it in every pod.");

        var token = Path.Combine(folder, "token");
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
            // The builder puts an IPv6 address into brackets.
            return new KubernetesConfiguration(new UriBuilder("https", host, number).Uri, "the pod's service account")
            {
                Namespace = File.ReadAllText(Path.Combine(folder, "namespace")).Trim(),
                Authorities = authorities,
                CreateCredential = _ => new TokenFileCredential(token),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KubernetesConfigurationException(
                $"The pod's service account in '{folder}' cannot be read: {exception.Message} "
                + "Is automountServiceAccountToken false?", exception);
        }
    }
}
