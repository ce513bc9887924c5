using NpuFeatureDiscovery.Kubernetes.Access;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Kubernetes.Tests.Access;

public sealed class KubeconfigFuzzTests : IDisposable
{
    private static readonly FuzzTarget Target = new("kubeconfig")
    {
        Words =
        [
            "apiVersion", "current-context", "contexts", "clusters", "users", "name", "context", "cluster", "user", "server", "token",
            "tokenFile", "exec", "command", "env", "args", "certificate-authority-data", "client-certificate-data", "client-key-data",
            "insecure-skip-tls-verify", "proxy-url", "https://", "http://[", ": ", "- ", "? ", "&a ", "*a", "!t ", "!!binary ", "<<", "|\n",
            ">-\n", "---\n", "...\n", "%YAML 1.2\n", "a: [1", "b: {", "\\UFFFFFFFF", "-----BEGIN CERTIFICATE-----", "LS0tLS1", "\n  ",
        ],
        MaxSize = 64 * 1024,
        BytesPerByte = 2_000,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Whatever_a_kubeconfig_holds_it_names_a_server_or_is_refused_by_a_sentence_with_its_name() => Fuzz.Check(Target, input =>
    {
        var path = _folder.At("config");
        File.WriteAllBytes(path, input);
        try
        {
            var configuration = KubernetesConfiguration.FromKubeconfig([path]);
            Fuzz.Require(configuration.Server.Host.Length > 0, "The server has no name.");
            using var credential = configuration.CreateCredential(TimeProvider.System);
            if (credential is not ExecCredential)
                TryToken(credential);
        }
        catch (KubernetesConfigurationException exception)
        {
            Fuzz.Require(exception.Message.Contains(path, StringComparison.Ordinal), $"The file is not named: {exception.Message}");
        }
    });

    private static void TryToken(Credential credential)
    {
        try
        {
            _ = credential.GetTokenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch (KubernetesException)
        {
            // There is no such file.
        }
    }
}
