using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

public sealed class KubernetesConfigurationTests : IDisposable
{
    private const string Good = """
        apiVersion: v1
        kind: Config
        current-context: a
        contexts:
        - name: a
          context: {cluster: one, user: me, namespace: apps}
        - name: b
          context: {cluster: two}
        clusters:
        - name: one
          cluster: {server: "https://one:6443"}
        - name: two
          cluster: {server: "https://two"}
        users:
        - name: me
          user: {token: secret}
        """;

    private static readonly string AuthorityData = CreateAuthorityData();

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => _folder.Dispose();

    [TestCase(null, "https://one:6443/", "apps")]
    [TestCase("b", "https://two/", null)]
    public void The_current_context_or_the_one_that_is_asked_for_counts(string? context, string server, string? @namespace)
    {
        var configuration = KubernetesConfiguration.FromKubeconfig([Write("config", Good)], context);

        Assert.That((configuration.Server.ToString(), configuration.Namespace), Is.EqualTo((server, @namespace)));
        Assert.That(configuration.Source, Is.EqualTo($"context '{context ?? "a"}' of {_folder.At("config")}"));
    }

    [Test]
    public void Of_several_files_the_first_that_defines_something_counts_and_missing_ones_do_not()
    {
        var first = Write("first", "contexts: [{name: a, context: {cluster: two}}]\nclusters: [{name: other, cluster: {server: \"https://x\"}}]");
        _variables["KUBECONFIG"] = $"{_folder.At("missing")}:{first}:{Write("second", Good)}";

        var configuration = Find();

        Assert.That(configuration?.Server.ToString(), Is.EqualTo("https://two/"));
        Assert.That(configuration?.Source, Is.EqualTo($"context 'a' of {first}"));
    }

    [TestCase("current-context: c\n", "'contexts' has no 'c'. There are: none.")]
    [TestCase("contexts: []", "there is no current-context. Name a context: none.")]
    [TestCase("", "there is no current-context")]
    [TestCase("contexts: {a: b}\ncurrent-context: a", "line 1: 'contexts' is not a list")]
    [TestCase("current-context: a\ncontexts: [{name: a, context: {user: b}}]", "line 2: 'cluster': it is missing")]
    [TestCase("current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\nclusters: [{name: b, cluster: {server: 'one two'}}]",
        "line 3: 'server': 'one two' is no address such as https://10.0.0.1:6443")]
    [TestCase("current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\nclusters: [{name: b, cluster: {server: 'ftp://one'}}]",
        "line 3: 'server': 'ftp' is no way to an API server: allowed are https and http")]
    [TestCase("- a", "line 1: is not a mapping")]
    [TestCase("a: [1\nb: {", "no YAML")]
    [TestCase("a: 1\n\tb: 2", "line 1: this is no YAML")]
    [TestCase("a: 1\na: 2", "no YAML")]
    [TestCase("\0\u0001", "line 1: is not a mapping")]
    public void A_broken_file_is_named_with_the_place_and_what_is_wrong(string text, string message) => Assert.That(
        () => KubernetesConfiguration.FromKubeconfig([Write("config", text)]),
        Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains(_folder.At("config")).And.Message.Contains(message));

    [TestCase("insecure-skip-tls-verify: perhaps", "'insecure-skip-tls-verify': 'perhaps' is neither true nor false")]
    [TestCase("certificate-authority: missing.crt", "'certificate-authority': Could not find file")]
    [TestCase("certificate-authority: config", "'certificate-authority': it holds no certificate")]
    [TestCase("certificate-authority-data: \"!\"", "'certificate-authority-data': ")]
    [TestCase("certificate-authority-data: CA, insecure-skip-tls-verify: true",
        "'insecure-skip-tls-verify': there is a certificate-authority too, which would not count; leave one of them out")]
    [TestCase("proxy-url: nowhere", "'proxy-url': 'nowhere' is no address")]
    public void A_cluster_that_is_wrong_is_named_by_line_and_key(string line, string message) => Assert.That(
        () => KubernetesConfiguration.FromKubeconfig([Write("config", Good.Replace("server: \"https://one:6443\"", $"server: \"https://one\", {line.Replace("CA", AuthorityData)}"))]),
        Throws.TypeOf<KubernetesConfigurationException>().With.Message.StartsWith($"{_folder.At("config")}, line 11: {message}"));

    [TestCase("client-certificate: config", "'client-certificate': there is no client-key for it")]
    [TestCase("client-certificate: config, client-key: config", "'client-certificate': ")]
    [TestCase("auth-provider: {name: gcp}", "'auth-provider': Kubernetes 1.26 has removed it: use a plugin (exec)")]
    [TestCase("exec: {apiVersion: v1}", "'command': it is missing")]
    [TestCase("exec: {apiVersion: v1, command: c, interactiveMode: Always}", "'interactiveMode': a plugin that asks a person cannot be run here")]
    public void A_user_that_is_wrong_is_named_by_line_and_key_and_never_with_its_token(string line, string message)
    {
        var configuration = KubernetesConfiguration.FromKubeconfig([Write("config", Good.Replace("{token: secret}", $"{{token: secret, {line}}}"))]);

        Assert.That(
            () => new KubernetesClient(configuration, TimeProvider.System),
            Throws.TypeOf<KubernetesConfigurationException>().With.Message.StartsWith($"{_folder.At("config")}, line 16: {message}")
                .And.Message.Not.Contains("secret"));
    }

    [Test]
    public void Where_no_file_is_there_all_are_named()
    {
        _variables["KUBECONFIG"] = "/no/such:/nor/this";

        Assert.That(Find, Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("/no/such, /nor/this"));
    }

    [TestCase("10.96.0.1", "https://10.96.0.1/")]
    [TestCase("fd00::1", "https://[fd00::1]/")]
    public void In_a_pod_the_service_account_counts(string host, string server)
    {
        using var certificates = new ServerCertificates();
        Write("sa/ca.crt", certificates.AuthorityPem);
        Write("sa/namespace", "npu\n");
        (_variables["KUBERNETES_SERVICE_HOST"], _variables["KUBERNETES_SERVICE_PORT"]) = (host, "443");
        _variables["HOME"] = Path.GetDirectoryName(Path.GetDirectoryName(Write(".kube/config", Good)))!;

        var configuration = Find();

        Assert.That((configuration?.Server.ToString(), configuration?.Namespace), Is.EqualTo((server, "npu")));
    }

    [TestCase("443", "automountServiceAccountToken")]
    [TestCase("none", "KUBERNETES_SERVICE_PORT 'none' is no port")]
    public void A_pod_that_lacks_something_is_told_what(string port, string message)
    {
        (_variables["KUBERNETES_SERVICE_HOST"], _variables["KUBERNETES_SERVICE_PORT"]) = ("10.96.0.1", port);

        Assert.That(Find, Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains(message));
    }

    [Test]
    public void Elsewhere_the_file_in_the_home_folder_counts_and_without_it_there_is_no_API_server()
    {
        _variables["HOME"] = _folder.Path;
        Assert.That(Find(), Is.Null);

        Write(".kube/config", Good);
        Assert.That(Find()?.Server.Host, Is.EqualTo("one"));
    }

    private KubernetesConfiguration? Find() =>
        KubernetesConfiguration.Find(null, name => _variables.GetValueOrDefault(name), _folder.At("sa"));

    private string Write(string name, string text)
    {
        var path = _folder.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private static string CreateAuthorityData()
    {
        using var certificates = new ServerCertificates();
        return Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(certificates.AuthorityPem));
    }
}
