using System.Net;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Labels.Events;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Labels.Tests.Events;

/// <summary>What a real API server does rarely.</summary>
[CancelAfter(60_000)]
public sealed class NodeEventFaultTests : IAsyncDisposable
{
    private FakeKubernetesApi _server = null!;
    private EventHost _host = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _server = await FakeKubernetesApi.StartAsync(TestContext.CurrentContext.CancellationToken);
        _host = await EventHost.CreateAsync(_server, new ApiRule("", "events", "create", "patch"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Test]
    public async Task What_was_dropped_is_told_when_they_can_be_written_again(CancellationToken token)
    {
        for (var call = 0; call < 3; call++)
            _server.Fail(HttpStatusCode.Forbidden, """{"kind":"Status","reason":"Forbidden","message":"no"}""");
        var queue = await _host.StartAsync(token);

        for (var number = 0; number < 4; number++)
            queue.Add(new NodeEvent(true, NodeEventReasons.Removed, $"{number}"));
        await _host.Log.WaitForAsync(entry => entry.EventName == "Recovered", token);

        Assert.That(_host.Log.Messages(LogLevel.Warning).Count(), Is.EqualTo(1));
        Assert.That(_host.Log.Messages(LogLevel.Information), Has.One.EqualTo("Events are written again; 3 were dropped"));
    }

    [Test]
    public async Task Nobody_waits_for_an_API_server_that_does_not_answer(CancellationToken token)
    {
        _server.Hang();
        var queue = await _host.StartAsync(token);

        queue.Add(new NodeEvent(true, NodeEventReasons.Removed, "hangs"));
        await _server.Hanging.WaitAsync(token);
        for (var number = 0; number < 1000; number++)
            queue.Add(new NodeEvent(true, NodeEventReasons.Removed, $"{number}"));
        await _host.StopAsync(token);

        Assert.That(_host.Written, Is.Empty);
    }
}
