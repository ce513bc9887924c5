using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

[CancelAfter(60_000)]
public sealed class SocketThreadTests : IDisposable
{
    private const string SocketThreadName = ".NET Sockets";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void This_runtime_can_be_told_of_one_socket_alone()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);

        Assert.That(SocketThread.TryPrefer(socket.SafeHandle), Is.True);
    }

    [Test]
    public async Task A_source_that_is_prompt_is_read_where_the_request_came_in(CancellationToken token) =>
        Assert.That(await ThreadOfAsync(new PromptSource(), token), Is.EqualTo(SocketThreadName));

    [Test]
    public async Task A_source_that_may_block_is_not(CancellationToken token) =>
        Assert.That(await ThreadOfAsync(new Source(), token), Is.Not.EqualTo(SocketThreadName));

    [Test]
    public async Task Nor_is_any_where_files_of_credentials_are_read(CancellationToken token)
    {
        var file = _folder.At("token");
        await File.WriteAllTextAsync(file, "secret", token);

        Assert.That(await ThreadOfAsync(new PromptSource(), token, file), Is.Not.EqualTo(SocketThreadName));
    }

    private static async Task<string?> ThreadOfAsync(Source source, CancellationToken token, string? bearerTokenFile = null)
    {
        using var endpoint = await EndpointHost.StartAsync(
            token, services => services.AddSingleton<IMetricSource>(source), TimeProvider.System,
            options: options => options.BearerTokenFile = bearerTokenFile);
        endpoint.Client.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        // The first may have come before the connection was made so.
        await endpoint.GetAsync("/metrics", token);
        await endpoint.GetAsync("/metrics", token);
        return source.Thread;
    }

    private class Source : IMetricSource
    {
        public string Name => "threads";

        public string? Thread { get; private set; }

        public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            Thread = System.Threading.Thread.CurrentThread.Name;
            return ValueTask.FromResult<IReadOnlyCollection<MetricFamily>>([]);
        }
    }

    private sealed class PromptSource : Source, IPromptSource
    {
        public bool IsPrompt => true;
    }
}
