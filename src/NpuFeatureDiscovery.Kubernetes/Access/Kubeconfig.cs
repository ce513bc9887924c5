using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NpuFeatureDiscovery.Kubernetes.Access;

/// <summary>
/// The kubeconfig of one or several files. As with kubectl the first file that names a context, a cluster or a user counts,
/// and the first that has a current context.
/// </summary>
/// <remarks>https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/</remarks>
internal sealed class Kubeconfig
{
    private readonly string _names;
    private readonly IReadOnlyList<YamlSection> _files;

    /// <exception cref="KubernetesConfigurationException">None of the files is there, or one is broken.</exception>
    public Kubeconfig(IEnumerable<string> paths)
    {
        string[] named = [.. paths];
        _names = string.Join(", ", named);
        _files = [.. named.Where(File.Exists).Select(YamlSection.Load)];
        if (_files.Count == 0)
            throw new KubernetesConfigurationException(
                $"There is no kubeconfig file {_names}. Correct KUBECONFIG, or create it.");
    }

    /// <exception cref="KubernetesConfigurationException">The context, or what belongs to it, is missing or wrong.</exception>
    public KubernetesConfiguration Choose(string? contextName)
    {
        contextName ??= _files.Select(file => file.Text("current-context")).FirstOrDefault(name => name is not null)
            ?? throw new KubernetesConfigurationException(
                $"{_names}: there is no current-context. Name a context: {Known("contexts")}.");
        var context = Find("contexts", "context", contextName);
        var cluster = Find("clusters", "cluster", Required(context, "cluster"));
        var server = ServerOf(cluster);
        // As with kubectl credentials are for a server with TLS alone: others on the way would read them.
        var user = server.Scheme == Uri.UriSchemeHttps && context.Text("user") is { } userName
            ? Find("users", "user", userName)
            : null;
        var authorities = AuthoritiesOf(cluster);
        var isInsecure = cluster.Flag("insecure-skip-tls-verify");
        if (isInsecure && authorities is not null)
            throw cluster.Error(
                "insecure-skip-tls-verify", "there is a certificate-authority too, which would not count; leave one of them out");

        return new KubernetesConfiguration(server, $"context '{contextName}' of {context.File}")
        {
            Namespace = context.Text("namespace"),
            Authorities = authorities,
            IsInsecure = isInsecure,
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = cluster.Text("proxy-url") is { } proxy ? UriOf(cluster, "proxy-url", proxy) : null,
            CreateCredential = timeProvider => CredentialOf(user, timeProvider),
        };
    }

    private YamlSection Find(string list, string member, string name) =>
        _files.SelectMany(file => file.Sections(list)).FirstOrDefault(entry => entry.Text("name") == name)?.Section(member)
        ?? throw new KubernetesConfigurationException($"{_names}: '{list}' has no '{name}'. There are: {Known(list)}.");

    private string Known(string list)
    {
        string[] names =
            [.. _files.SelectMany(file => file.Sections(list)).Select(entry => entry.Text("name")).OfType<string>().Distinct()];
        return names.Length == 0 ? "none" : string.Join(", ", names);
    }

    private static string Required(YamlSection section, string key) =>
        section.Text(key) ?? throw section.Error(key, "it is missing");

    /// <summary>Without the user and password that a URL can have: no API server takes them, and the address is shown.</summary>
    private static Uri ServerOf(YamlSection cluster)
    {
        var server = UriOf(cluster, "server", Required(cluster, "server"));
        return server.Scheme == Uri.UriSchemeHttps || server.Scheme == Uri.UriSchemeHttp
            ? new UriBuilder(server) { UserName = "", Password = "" }.Uri
            : throw cluster.Error("server", $"'{server.Scheme}' is no way to an API server: allowed are https and http");
    }

    private static Uri UriOf(YamlSection section, string key, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            ? uri
            : throw section.Error(key, $"'{text}' is no address such as https://10.0.0.1:6443");

    private static X509Certificate2Collection? AuthoritiesOf(YamlSection cluster)
    {
        if (Pem(cluster, "certificate-authority") is not { } pem)
            return null;

        var authorities = new X509Certificate2Collection();
        Guard(cluster, "certificate-authority", () => authorities.ImportFromPem(pem));
        return authorities.Count > 0 ? authorities : throw cluster.Error("certificate-authority", "it holds no certificate");
    }

    private static Credential CredentialOf(YamlSection? user, TimeProvider timeProvider)
    {
        if (user is null)
            return new Credential();
        if (user.Section("auth-provider") is not null)
            throw user.Error("auth-provider", "Kubernetes 1.26 has removed it: use a plugin (exec)");
        if (user.Section("exec") is { } exec)
            return new ExecCredential(ExecPlugin.Of(exec), timeProvider);

        var certificate = CertificateOf(user);
        // As in kubectl the file counts where both are given.
        return user.FilePath("tokenFile") is { } path ? new TokenFileCredential(path, certificate)
            : user.Text("token") is { } token ? new TokenCredential(token, certificate)
            : new Credential(certificate);
    }

    private static X509Certificate2? CertificateOf(YamlSection user)
    {
        if (Pem(user, "client-certificate") is not { } certificate)
            return null;

        var key = Pem(user, "client-key") ?? throw user.Error("client-certificate", "there is no client-key for it");
        return Guard(user, "client-certificate", () => X509Certificate2.CreateFromPem(certificate, key));
    }

    /// <summary>The PEM text that stands in a key's data, or in the file that the key names.</summary>
    private static string? Pem(YamlSection section, string key)
    {
        if (section.Text(key + "-data") is { } data)
            return Guard(section, key + "-data", () => Encoding.UTF8.GetString(Convert.FromBase64String(data)));

        return section.FilePath(key) is { } path ? Guard(section, key, () => File.ReadAllText(path)) : null;
    }

    private static void Guard(YamlSection section, string key, Action action) => Guard<object?>(section, key, () =>
    {
        action();
        return null;
    });

    private static T Guard<T>(YamlSection section, string key, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException
            or FormatException or ArgumentException or PlatformNotSupportedException)
        {
            throw section.Error(key, exception.Message.TrimEnd('.'));
        }
    }
}
