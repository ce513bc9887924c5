using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Tests.Endpoint;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests;

[CancelAfter(60_000)]
public sealed class EndpointServiceTests
{
    [TestCase("127.0.0.1:0", "127.0.0.1")]
    [TestCase("localhost:0", "localhost")]
    [TestCase(":0", null)]
    public async Task The_bound_address_names_the_port_that_the_system_chose(string address, string? host, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, address: address);

        Assert.That(endpoint.Address.Host, Is.EqualTo(host));
        Assert.That(endpoint.Address.Port, Is.Positive);
        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
        Assert.That(endpoint.Log.Messages(LogLevel.Information),
            Has.Member($"Serving /metrics, /livez and /readyz at {endpoint.Address}"));
    }

    [Test]
    public async Task An_IPv6_address_is_served(CancellationToken token)
    {
        if (!Socket.OSSupportsIPv6)
            Assert.Ignore("This machine has no IPv6.");

        using var endpoint = await EndpointHost.StartAsync(token, address: "[::1]:0");

        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
    }

    [TestCase("127.0.0.1:{0}")]
    [TestCase(":{0}")]
    public async Task A_port_that_another_program_has_is_named(string address, CancellationToken token)
    {
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var taken = string.Format(null, address, ((IPEndPoint)other.LocalEndpoint).Port);

        await Assert.ThatAsync(() => EndpointHost.StartAsync(token, address: taken), Throws.TypeOf<EndpointException>().With.Message
            .EqualTo($"Metrics and health cannot be served at address '{taken}': another program listens there. "
                + "Give an address of this machine with a free port, or port 0 for any that is free."));
    }

    [Test]
    public async Task An_address_that_is_not_of_this_machine_is_named(CancellationToken token) =>
        await Assert.ThatAsync(() => EndpointHost.StartAsync(token, address: "192.0.2.1:0"),
            Throws.TypeOf<EndpointException>().With.Message.Contain("'192.0.2.1:0': this machine has no such address"));

    [Test]
    public async Task Other_paths_are_answered_with_those_that_are_there(
        [Values("/", "/metrics/", "/healthz", "/Metrics", "/%2e%2e/metrics2")] string path, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);

        Assert.That(await endpoint.GetAsync(path, token),
            Is.EqualTo((404, "Nothing is here. The paths are:\n/livez\n/metrics\n/readyz\n")));
    }

    [TestCase("GET", "/metrics")]
    [TestCase("GET", "/livez")]
    [TestCase("GET", "/readyz")]
    [TestCase("GET", "/<script>")]
    [TestCase("POST", "/metrics")]
    public async Task No_answer_tells_what_serves_it_or_lets_a_browser_guess_what_it_is(string method, string path, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await endpoint.Client.SendAsync(request, token);

        Assert.That(response.Headers.Select(header => header.Key), Has.None.EqualTo("Server").And.None.StartsWith("X-Powered"));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(["nosniff"]));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
        Assert.That(await response.Content.ReadAsStringAsync(token), Does.Not.Contain("<script>"));
    }

    [Test]
    public async Task Nothing_can_be_written(
        [Values("POST", "PUT", "DELETE", "OPTIONS", "PATCH")] string method, [Values("/metrics", "/livez", "/readyz")] string path,
        CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await endpoint.Client.SendAsync(request, token);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(response.Content.Headers.Allow, Is.EquivalentTo((string[])["GET", "HEAD"]));
    }

    [Test]
    public async Task HEAD_is_answered_as_GET_without_the_text(
        [Values("/metrics", "/livez", "/readyz")] string path, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);

        using var response = await endpoint.Client.SendAsync(request, token);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentLength, Is.Positive);
        Assert.That(response.Content.Headers.ContentType, Is.Not.Null);
        Assert.That(await response.Content.ReadAsStringAsync(token), Is.Empty);
        Assert.That(response.Headers.Server, Is.Empty);
    }

    [Test]
    public async Task Gzip_is_sent_where_it_is_asked_for(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Accept-Encoding", "gzip" } } };

        using var response = await endpoint.Client.SendAsync(request, token);

        Assert.That(response.Content.Headers.ContentEncoding, Is.EqualTo((string[])["gzip"]));
        await using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(token), CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        Assert.That(await reader.ReadToEndAsync(token), Does.Contain("npu_feature_discovery_build_info{"));
    }

    [TestCase("GET /livez HTTP/1.1\r\nHost: a\r\nX: {0}\r\n\r\n", 20_000, "431")]
    [TestCase("GET /{0} HTTP/1.1\r\nHost: a\r\n\r\n", 5_000, "414")]
    [TestCase("POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: {0}1\r\n\r\n", 0, "405")]
    [TestCase("nonsense {0}\r\n\r\n", 0, "400")]
    public async Task What_is_too_large_or_no_HTTP_is_refused(string request, int length, string status, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, endpoint.Address.Port, token);
        var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Format(null, request, new string('x', length))), token);

        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadLineAsync(token), Does.StartWith($"HTTP/1.1 {status} "));
        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
    }

    [Test]
    public async Task Half_a_request_is_given_up_and_holds_up_nobody(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        using var client = await ConnectAsync(endpoint, token);

        await client.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: a\r\n"u8.ToArray(), token);

        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
        using var reader = new StreamReader(client.GetStream());
        Assert.That(await reader.ReadLineAsync(token), Does.StartWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task A_client_that_never_reads_holds_up_neither_the_others_nor_the_end(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(
            token, services => services.AddSingleton<IMetricSource, LargeSource>(), TimeProvider.System);
        using var client = await ConnectAsync(endpoint, token);

        await client.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), token);

        Assert.That((await endpoint.GetAsync("/metrics", token)).Text, Has.Length.GreaterThan(LargeSource.Length));
        await endpoint.StopAsync(token);
    }

    [Test]
    public async Task A_client_that_stops_reading_is_dropped(CancellationToken token)
    {
        var time = new ManualTimeProvider();
        using var endpoint = await EndpointHost.StartAsync(
            token, services => services.AddSingleton<IMetricSource, LargeSource>(), time);
        using var client = await ConnectAsync(endpoint, token);
        var stream = client.GetStream();
        await stream.WriteAsync("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), token);
        await stream.ReadExactlyAsync(new byte[1], token);

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await LengthUntilEndAsync(stream, token), Is.LessThan(LargeSource.Length));
    }

    [Test]
    public async Task One_connection_too_many_is_closed_and_the_others_stay(CancellationToken token)
    {
        const int Most = 256;
        using var endpoint = await EndpointHost.StartAsync(token);
        var clients = new List<TcpClient>();
        try
        {
            for (var count = 0; count <= Most; count++)
                clients.Add(await ConnectAsync(endpoint, token));

            var ends = clients.Select(client => client.GetStream().ReadAsync(new byte[1], token).AsTask()).ToArray();
            var end = await Task.WhenAny(ends);

            Assert.That(end.IsFaulted || await end == 0);
            Assert.That(ends.Count(other => other.IsCompleted), Is.EqualTo(1));
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        Assert.That(await UntilAnsweredAsync(endpoint, token), Is.EqualTo("ok\n"));
    }

    [Test]
    public async Task Nobody_listens_after_the_end(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        await endpoint.GetAsync("/livez", token);

        await endpoint.StopAsync(token);

        await Assert.ThatAsync(() => endpoint.GetAsync("/livez", token), Throws.TypeOf<HttpRequestException>());
        Assert.That(endpoint.Log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    private static async Task<TcpClient> ConnectAsync(EndpointHost endpoint, CancellationToken token)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, endpoint.Address.Port, token);
        return client;
    }

    private static async Task<int> LengthUntilEndAsync(NetworkStream stream, CancellationToken token)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        try
        {
            for (var count = 1; count > 0; length += count)
                count = await stream.ReadAsync(buffer, token);
        }
        catch (IOException)
        {
            // That is an end, too.
        }

        return length;
    }

    /// <summary>Kestrel learns a little later that connections are closed.</summary>
    private static async Task<string> UntilAnsweredAsync(EndpointHost endpoint, CancellationToken token)
    {
        while (true)
        {
            try
            {
                return (await endpoint.GetAsync("/livez", token)).Text;
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>More than the buffers between a server and a client take.</summary>
    private sealed class LargeSource : IMetricSource
    {
        /// <summary>More than the sockets between take, and so little that there is room for two of it.</summary>
        public const int Length = 7 << 20;

        public string Name => "large";

        public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyCollection<MetricFamily>>(
                [MetricFamily.Gauge("large", "", [new(1, ("text", new string('x', Length)))])]);
    }
}
