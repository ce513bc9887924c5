using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Grpc.Tests.Authority;

namespace NpuFeatureDiscovery.Grpc.Tests;

/// <summary>What clients send that do not keep to the rules, by HTTP/2 without a gRPC client.</summary>
[CancelAfter(20_000)]
public sealed class ProtocolTests
{
    private static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    [TestCase(new byte[] { 1, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented, TestName = "A_compressed_message_is_refused")]
    [TestCase(new byte[] { 7, 0, 0, 0, 0 }, GrpcStatusCode.Internal, TestName = "A_first_byte_that_is_neither_0_nor_1_is_refused")]
    [TestCase(new byte[] { 0, 0, 0, 0, 1, 0xff }, GrpcStatusCode.Internal, TestName = "Malformed_protobuf_is_refused")]
    [TestCase(new byte[] { 0, 0, 0, 0, 9, 1 }, GrpcStatusCode.Internal, TestName = "A_message_that_is_cut_off_is_refused")]
    [TestCase(new byte[] { 0, 0 }, GrpcStatusCode.Internal, TestName = "A_message_whose_length_is_cut_off_is_refused")]
    [TestCase(new byte[] { }, GrpcStatusCode.Internal, TestName = "A_request_without_a_message_is_refused")]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, GrpcStatusCode.Internal, TestName = "A_second_message_is_refused")]
    [TestCase(new byte[] { 0, 0xff, 0xff, 0xff, 0xff }, GrpcStatusCode.ResourceExhausted, TestName = "A_length_of_4_GiB_is_refused")]
    public async Task Malformed(byte[] body, GrpcStatusCode statusCode, CancellationToken token)
    {
        using var response = await SendAsync(_ => { }, body, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo([$"{(int)statusCode}"]), "in the headers");
            Assert.That(await response.Content.ReadAsByteArrayAsync(token), Is.Empty);
        }
    }

    [Test]
    public async Task A_call_that_succeeds_has_its_status_in_the_trailers(CancellationToken token)
    {
        using var response = await SendAsync(_ => { }, EmptyMessage, token);
        await response.Content.LoadIntoBufferAsync(token);

        Assert.That(response.Headers.Contains("grpc-status"), Is.False);
        Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(["0"]));
    }

    [TestCase("application/grpc")]
    [TestCase("application/grpc+proto")]
    [TestCase("application/grpc;a=b")]
    public async Task Every_form_of_the_content_type_is_taken(string contentType, CancellationToken token)
    {
        using var response = await SendAsync(
            request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType), EmptyMessage, token);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("application/json")]
    [TestCase("application/grpc-web")]
    [TestCase("application/grpc+json")]
    public async Task Any_other_content_type_is_unsupported(string contentType, CancellationToken token)
    {
        using var response = await SendAsync(
            request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType), EmptyMessage, token);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public async Task Any_verb_but_POST_is_not_allowed(CancellationToken token)
    {
        using var response = await SendAsync(request => request.Method = HttpMethod.Put, EmptyMessage, token);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task A_client_that_leaves_in_the_middle_of_its_request_is_no_failure(CancellationToken token)
    {
        var server = await new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);
        await using (server)
        {
            using (var client = new RawClient(server.SocketPath))
            {
                var headers = Hpack.Request(Hpack.Field(Hpack.WithoutIndexing, 1, "localhost"));
                byte[] half = [.. Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, headers), .. Frames.Frame(Frames.Data, 0, 1, [0, 0])];
                await client.SendAsync([.. Frames.Hello, .. half, .. Frames.Call(3, headers)], token);
                Assert.That(await client.SucceedsAsync(3, token), Is.True, "a whole call after it");
            }

            await server.StopAsync(token);

            Assert.That(server.Log.Messages(LogLevel.Error), Is.Empty);
        }
    }

    [Test]
    public async Task A_malformed_timeout_is_refused(CancellationToken token)
    {
        using var response = await SendAsync(request => request.Headers.Add("grpc-timeout", "soon"), EmptyMessage, token);

        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(["13"]));
    }

    private static async Task<HttpResponseMessage> SendAsync(
        Action<HttpRequestMessage> change, byte[] body, CancellationToken token)
    {
        await using var server = await new EchoServer().AnswerOnce(EchoServer.EchoAsync).StartAsync(token);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.SocketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost" + EchoServer.Once)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        change(request);
        return await client.SendAsync(request, token);
    }
}
