using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint.Security;

[CancelAfter(60_000)]
public sealed class AuthenticationTests : IDisposable
{
    private const string Token = "s3cr3t-token.~+/=";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("Bearer " + Token, ExpectedResult = 200)]
    [TestCase("bearer " + Token, ExpectedResult = 200)]
    [TestCase(null, ExpectedResult = 401)]
    [TestCase("Bearer", ExpectedResult = 401)]
    [TestCase("Bearer ", ExpectedResult = 401)]
    [TestCase("Bearer s3cr3t-token", ExpectedResult = 401)]
    [TestCase("Bearer " + Token + "x", ExpectedResult = 401)]
    [TestCase("Basic " + Token, ExpectedResult = 401)]
    [TestCase("nonsense", ExpectedResult = 401)]
    public async Task<int> The_metrics_are_shown_to_who_has_the_token(string? authorization, CancellationToken token)
    {
        using var endpoint = await StartAsync(token, bearerToken: Token + "\n");

        return (int)(await SendAsync(endpoint, authorization, token)).Status;
    }

    [TestCase("anna:a:b", ExpectedResult = 200)]
    [TestCase("bert:pässword", ExpectedResult = 200)]
    [TestCase("anna:pässword", ExpectedResult = 401)]
    [TestCase("anna:", ExpectedResult = 401)]
    [TestCase("", ExpectedResult = 401)]
    public async Task<int> The_metrics_are_shown_to_each_user_with_his_password(string user, CancellationToken token)
    {
        using var endpoint = await StartAsync(token, users: "anna:a:b\r\n\nbert:pässword\n");

        return (int)(await SendAsync(endpoint, Basic(user), token)).Status;
    }

    [TestCase("Basic not-base64!", ExpectedResult = 401)]
    [TestCase("Bearer anna:a", ExpectedResult = 401)]
    public async Task<int> What_is_no_password_is_refused(string authorization, CancellationToken token)
    {
        using var endpoint = await StartAsync(token, users: "anna:a\n");

        return (int)(await SendAsync(endpoint, authorization, token)).Status;
    }

    [Test]
    public async Task Token_and_password_each_suffice_where_there_are_both(CancellationToken token)
    {
        using var endpoint = await StartAsync(token, bearerToken: Token, users: "anna:a\n");

        var (none, challenges) = await SendAsync(endpoint, null, token);

        Assert.That((await SendAsync(endpoint, $"Bearer {Token}", token)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await SendAsync(endpoint, Basic("anna:a"), token)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((none, string.Join("; ", challenges)), Is.EqualTo((HttpStatusCode.Unauthorized,
            "Bearer realm=\"npu-feature-discovery\"; Basic realm=\"npu-feature-discovery\", charset=\"UTF-8\"")));
    }

    [Test]
    public async Task Probes_need_no_credentials([Values("/livez", "/readyz")] string path, CancellationToken token)
    {
        using var endpoint = await StartAsync(token, bearerToken: Token);

        Assert.That(await endpoint.GetAsync(path, token), Is.EqualTo((200, "ok\n")));
    }

    [Test]
    public async Task A_changed_file_counts_at_once_and_a_bad_one_does_not(CancellationToken token)
    {
        using var endpoint = await StartAsync(token, bearerToken: Token);
        var file = _folder.At("token");

        File.WriteAllText(file, "another\n");
        Assert.That((await SendAsync(endpoint, $"Bearer {Token}", token)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await SendAsync(endpoint, "Bearer another", token)).Status, Is.EqualTo(HttpStatusCode.OK));
        File.WriteAllText(file, "");
        Assert.That((await SendAsync(endpoint, "Bearer another", token)).Status, Is.EqualTo(HttpStatusCode.OK));
        File.Delete(file);
        Assert.That((await SendAsync(endpoint, "Bearer another", token)).Status, Is.EqualTo(HttpStatusCode.OK));
        File.WriteAllText(file, Token);
        Assert.That((await SendAsync(endpoint, $"Bearer {Token}", token)).Status, Is.EqualTo(HttpStatusCode.OK));

        Assert.That(endpoint.Log.Messages().Where(message => message.Contains(file)), Is.EqualTo((string[])
        [
            $"Changed and in use from now on: {file}",
            $"File '{file}' cannot be used: it is empty: write the token into it. What was read before stays in use",
            $"Changed and in use from now on: {file}",
        ]));
    }

    [TestCase(":0", true)]
    [TestCase("127.0.0.1:0", false)]
    public async Task Credentials_in_the_clear_are_warned_of(string address, bool isWarned, CancellationToken token)
    {
        using var endpoint = await StartAsync(token, bearerToken: Token, address: address);

        Assert.That(endpoint.Log.Messages(LogLevel.Warning), Is.EqualTo(isWarned
            ? (string[])[$"Credentials come to {endpoint.Address} in the clear: give a certificate and its key for TLS, or listen at 127.0.0.1"]
            : []));
    }

    [Test]
    public async Task By_TLS_nothing_is_in_the_clear(CancellationToken token)
    {
        using var files = new TlsFiles();
        File.WriteAllText(_folder.At("token"), Token);
        using var endpoint = await EndpointHost.StartAsync(
            token, address: ":0", tls: files.CreateClient(), options: options =>
                (options.TlsCertificateFile, options.TlsPrivateKeyFile, options.BearerTokenFile) =
                (files.CertificateFile, files.PrivateKeyFile, _folder.At("token")));

        Assert.That((await SendAsync(endpoint, $"Bearer {Token}", token)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(endpoint.Log.Messages(LogLevel.Warning), Is.Empty);
    }

    private async Task<EndpointHost> StartAsync(
        CancellationToken token, string? bearerToken = null, string? users = null, string address = "127.0.0.1:0")
    {
        var endpoint = await EndpointHost.StartAsync(token, address: address, options: options =>
        {
            options.BearerTokenFile = Write("token", bearerToken);
            options.BasicAuthFile = Write("users", users);
        });
        return endpoint;
    }

    private string? Write(string name, string? text)
    {
        if (text is null)
            return null;

        File.WriteAllText(_folder.At(name), text);
        return _folder.At(name);
    }

    private static async Task<(HttpStatusCode Status, IEnumerable<string> Challenges)> SendAsync(
        EndpointHost endpoint, string? authorization, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await endpoint.Client.SendAsync(request, token);
        var challenges = response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? values : default;
        return (response.StatusCode, challenges);
    }

    private static string Basic(string user) => new AuthenticationHeaderValue(
        "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user))).ToString();
}
