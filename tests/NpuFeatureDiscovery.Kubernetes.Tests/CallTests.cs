using System.Net;
using System.Net.Sockets;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Kubernetes.Tests;

[CancelAfter(30_000)]
public sealed class CallTests : IAsyncDisposable
{
    private const string Overloaded = """{"kind":"Status","status":"Failure","reason":"TooManyRequests","message":"too many requests"}""";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);
    private static readonly KubernetesObjectName Node = KubernetesResource.Nodes.Named("node-1");

    private readonly ImmediateTime _time = new(Deadline);
    private FakeKubernetesApi _server = null!;

    [SetUp]
    public async Task StartAsync() => _server = await FakeKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Test]
    public async Task A_call_goes_by_HTTP_2_and_its_program_has_another_name_than_any_field_manager(CancellationToken token)
    {
        using var client = await ClientWithNodeAsync(token);

        await client.GetAsync(Node, token);

        var request = _server.Requests.Last();
        Assert.That((request.Method, request.Path, request.Protocol), Is.EqualTo(("GET", "/api/v1/nodes/node-1", "HTTP/1.1")));
        Assert.That(request.UserAgent, Does.StartWith("NpuFeatureDiscovery.Kubernetes/"));
    }

    [Test]
    public async Task A_server_that_has_no_time_is_asked_again_when_it_says(CancellationToken token)
    {
        using var client = await ClientWithNodeAsync(token);
        _server.Fail(HttpStatusCode.TooManyRequests, Overloaded, retryAfter: "7");
        _server.Fail(HttpStatusCode.ServiceUnavailable, "starting", retryAfter: "2");

        await client.GetAsync(Node, token);

        Assert.That(_time.Waits, Is.EqualTo([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(2)]));
    }

    [Test]
    public async Task One_that_says_to_come_after_the_deadline_is_not_waited_for(CancellationToken token)
    {
        using var client = await ClientWithNodeAsync(token);
        _server.Fail(HttpStatusCode.TooManyRequests, Overloaded, retryAfter: "60");

        await client.GetAsync(Node, token).ExpectAsync(HttpStatusCode.TooManyRequests, Does.Contain("too many requests").And.Contains("try again later"));
        Assert.That(_time.Waits, Is.Empty);
    }

    [Test]
    public async Task One_that_does_not_say_when_is_asked_three_times_more_with_growing_waits(CancellationToken token)
    {
        using var client = await ClientWithNodeAsync(token);
        var before = _server.Requests.Count;
        for (var i = 0; i < 5; i++)
            _server.Fail(HttpStatusCode.BadGateway, "<html>bad gateway</html>");

        await client.GetAsync(Node, token).ExpectAsync(HttpStatusCode.BadGateway, Does.Contain("<html>bad gateway</html>"));

        Assert.That(_server.Requests.Count - before, Is.EqualTo(4));
        Assert.That(_time.Waits.Select((wait, index) => wait.TotalSeconds / (0.25 * (1 << index))), Has.Exactly(3).InRange(0.5, 1.5));
    }

    [Test]
    public async Task A_connection_that_breaks_is_made_again(CancellationToken token)
    {
        using var client = await ClientWithNodeAsync(token);
        _server.Break();

        Assert.That((await client.GetAsync(Node, token)).GetProperty("kind").GetString(), Is.EqualTo("Node"));
    }

    [Test]
    public async Task A_server_that_never_answers_is_given_up_at_the_deadline(CancellationToken token)
    {
        var time = new ManualTimeProvider();
        using var client = new KubernetesClient(_server.Admin, time);
        _server.Hang();

        var call = client.GetAsync(Node, token);
        await _server.Hanging.WaitAsync(token);
        time.Advance(Deadline);

        await call.ExpectAsync(null, Does.Contain("GET https://127.0.0.1").And.Contains("/api/v1/nodes/node-1 was not answered within 15 s"));
    }

    [Test]
    public async Task A_call_can_be_cancelled(CancellationToken token)
    {
        using var client = new KubernetesClient(_server.Admin, TimeProvider.System);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
        _server.Hang();

        var call = client.GetAsync(Node, ending.Token);
        await _server.Hanging.WaitAsync(token);
        await ending.CancelAsync();

        Assert.That(async () => await call, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Where_nobody_listens_the_address_is_named(CancellationToken token)
    {
        var server = await FakeKubernetesApi.StartAsync(token);
        using var client = new KubernetesClient(server.Admin, _time);
        await server.DisposeAsync();

        await client.GetAsync(Node, token).ExpectAsync(null, Does.Contain($"{client.Configuration.Server.Authority}").And.Contains("Connection refused"));
        Assert.That(_time.Waits, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task An_answer_that_is_no_JSON_is_not_taken_for_one(CancellationToken token)
    {
        using var client = new KubernetesClient(_server.Admin, _time);
        _server.Fail(HttpStatusCode.OK, "<html>log in</html>");

        await client.GetAsync(Node, token).ExpectAsync(null, Does.Contain("no API server"));
    }

    [Test]
    public async Task Nobody_is_followed_to_another_server(CancellationToken token)
    {
        using var client = new KubernetesClient(_server.Admin, _time);
        _server.Fail(HttpStatusCode.Redirect, "elsewhere");

        await client.GetAsync(Node, token).ExpectAsync(HttpStatusCode.Redirect, Does.Contain("elsewhere"));
    }

    [Test]
    public async Task A_proxy_of_the_kubeconfig_is_used(CancellationToken token)
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        using var client = new KubernetesClient(
            _server.ConfigurationOf("token: x", $"proxy-url: \"http://{proxy.LocalEndpoint}\""), _time);

        var call = client.GetAsync(Node, token);
        using var connection = await proxy.AcceptTcpClientAsync(token);
        using var reader = new StreamReader(connection.GetStream());
        var line = await reader.ReadLineAsync(token);
        await connection.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), token);

        Assert.That(line, Is.EqualTo($"CONNECT {new Uri(_server.Url).Authority} HTTP/1.1"));
        await call.ExpectAsync(null, Does.Contain("403").And.Contains("Check the proxy"));
    }

    [Test]
    public void A_wait_doubles_and_is_spread()
    {
        Assert.That(Calling.Backoff.Delay(0, 0), Is.EqualTo(TimeSpan.FromMilliseconds(125)));
        Assert.That(Calling.Backoff.Delay(2, 0.5), Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(Calling.Backoff.Delay(40, 0.5), Is.EqualTo(Calling.Backoff.Delay(10, 0.5)));
    }

    private async Task<KubernetesClient> ClientWithNodeAsync(CancellationToken token)
    {
        var client = new KubernetesClient(_server.Admin, _time);
        await client.ApplyAsync(Node, [], "test", false, token);
        return client;
    }
}
