using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

/// <summary>What is shown of an <see cref="IEndpointDocument"/>.</summary>
[CancelAfter(60_000)]
public sealed class DocumentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task A_document_is_made_anew_for_each_request(CancellationToken token)
    {
        var count = 0;
        using var endpoint = await EndpointHost.StartAsync(token, services => services.AddSingleton<IEndpointDocument>(
            new FakeDocument("/", _ => new(Encoding.UTF8.GetBytes($"<p>{++count}")))));

        Assert.That(await endpoint.GetAsync("/", token), Is.EqualTo((200, "<p>1")));
        Assert.That(await endpoint.GetAsync("/", token), Is.EqualTo((200, "<p>2")));
    }

    [Test]
    public async Task A_browser_may_neither_keep_it_nor_load_anything_for_it(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services.AddSingleton<IEndpointDocument>(Document("/")));

        using var response = await endpoint.Client.GetAsync("/", token);

        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        Assert.That(response.Headers.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"), Is.SupersetOf((string[])
        [
            "Cache-Control: no-store",
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy: same-origin",
            "Referrer-Policy: no-referrer",
            "X-Content-Type-Options: nosniff",
        ]));
    }

    [Test]
    public async Task One_that_hangs_is_answered_with_503_and_holds_up_nothing_else(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(
            token, services => services
                .AddSingleton<IEndpointDocument>(
                    new FakeDocument("/status.json", _ => new(new TaskCompletionSource<ReadOnlyMemory<byte>>().Task)))
                .AddSingleton<IEndpointDocument>(Document("/")),
            TimeProvider.System);

        var answer = endpoint.GetAsync("/status.json", token);

        Assert.That((await endpoint.GetAsync("/", token)).Status, Is.EqualTo(200));
        Assert.That(await answer, Is.EqualTo((503, "This could not be put together in time: try again.\n")));
    }

    [TestCase(null, ExpectedResult = HttpStatusCode.Unauthorized)]
    [TestCase("Bearer s3cr3t", ExpectedResult = HttpStatusCode.OK)]
    public async Task<HttpStatusCode> It_is_shown_to_whom_the_metrics_are_shown(string? authorization, CancellationToken token)
    {
        var file = _folder.At("token");
        await File.WriteAllTextAsync(file, "s3cr3t", token);
        using var endpoint = await EndpointHost.StartAsync(
            token, services => services.AddSingleton<IEndpointDocument>(Document("/")), options: options => options.BearerTokenFile = file);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await endpoint.Client.SendAsync(request, token);

        return response.StatusCode;
    }

    [Test]
    public async Task It_can_be_read_only(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services.AddSingleton<IEndpointDocument>(Document("/")));

        using var posted = await endpoint.Client.PostAsync("/", null, token);
        using var head = await endpoint.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"), token);

        Assert.That(posted.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That((head.StatusCode, head.Content.Headers.ContentLength), Is.EqualTo((HttpStatusCode.OK, 3)));
    }

    [Test]
    public async Task Other_paths_are_answered_with_its_own_too(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services
            .AddSingleton<IEndpointDocument>(Document("/status.json")).AddSingleton<IEndpointDocument>(Document("/")));

        Assert.That(await endpoint.GetAsync("/index.html", token),
            Is.EqualTo((404, "Nothing is here. The paths are:\n/\n/livez\n/metrics\n/readyz\n/status.json\n")));
    }

    [TestCase("/metrics")]
    [TestCase("/")]
    public async Task A_path_that_is_taken_is_refused_at_the_start(string path, CancellationToken token) =>
        await Assert.ThatAsync(
            () => EndpointHost.StartAsync(token, services => services
                .AddSingleton<IEndpointDocument>(Document("/")).AddSingleton<IEndpointDocument>(Document(path))),
            Throws.ArgumentException.With.Message.StartsWith($"The path '{path}' is taken: give the document another one."));

    private static FakeDocument Document(string path) => new(path, _ => new("<p>"u8.ToArray()));

    private sealed class FakeDocument(string path, Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> create) : IEndpointDocument
    {
        public string Path => path;

        public string ContentType => "text/html; charset=utf-8";

        public ValueTask<ReadOnlyMemory<byte>> CreateAsync(CancellationToken cancellationToken) => create(cancellationToken);
    }
}
