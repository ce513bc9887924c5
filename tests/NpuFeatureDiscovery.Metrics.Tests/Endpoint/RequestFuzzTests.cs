using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

[CancelAfter(120_000)]
public sealed class RequestFuzzTests
{
    private const int MaxAnswer = 1024 * 1024;

    private static readonly FuzzTarget Target = new("http-request")
    {
        Words =
        [
            "GET ", "HEAD ", "POST ", "OPTIONS * ", "/metrics", "/livez", "/readyz", "/%2e%2e/", "/metrics?a=%00", "http://a/metrics",
            " HTTP/1.1\r\n", " HTTP/1.0\r\n", "Host: a\r\n", "Content-Length: 99999999999\r\n", "Content-Length: -1\r\n",
            "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\n", "Connection: close\r\n", "\r\n\r\n",
            "Accept: application/json\r\n", "Range: bytes=0-\r\n",
        ],
        MaxSize = 64 * 1024,
        Rounds = 200,
        // The server's threads are others.
        BytesPerByte = int.MaxValue / 1024,
    };

    [Test]
    public async Task Whatever_a_client_sends_it_is_answered_and_let_go_and_the_next_is_served(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, time: TimeProvider.System);
        var port = endpoint.Address.Port;

        Fuzz.Check(Target, input =>
        {
            var answer = Send(port, input);
            Fuzz.Require(answer.Length == 0 || answer.StartsWith("HTTP/1.", StringComparison.Ordinal) || answer[0] == '\0', $"'{answer}'");
            // 505 is right: of a version that there is not.
            Fuzz.Require(!answer.Contains("HTTP/1.1 500", StringComparison.Ordinal), answer);
        });

        Assert.That((await endpoint.GetAsync("/metrics", token)).Status, Is.EqualTo(200));
        Assert.That(endpoint.Log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    /// <summary>Sends all that the server takes, and reads to the end of the connection.</summary>
    private static string Send(int port, byte[] request)
    {
        using var client = new TcpClient("127.0.0.1", port);
        client.SendTimeout = client.ReceiveTimeout = 50_000;
        using var stream = client.GetStream();
        var answer = new MemoryStream();
        try
        {
            stream.Write(request);
            client.Client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[16 * 1024];
            for (var count = stream.Read(buffer); count > 0 && answer.Length < MaxAnswer; count = stream.Read(buffer))
                answer.Write(buffer, 0, count);
        }
        catch (Exception exception) when ((exception as SocketException ?? exception.InnerException) is
            SocketException { SocketErrorCode: not SocketError.TimedOut })
        {
            // The server has heard enough.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
