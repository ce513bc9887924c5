using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NpuFeatureDiscovery.Metrics.Exposition;
using NpuFeatureDiscovery.Metrics.Tests.Endpoint;

namespace NpuFeatureDiscovery.Metrics.Tests;

[CancelAfter(60_000)]
public sealed class EndpointPartsTests
{
    [Test]
    public async Task A_part_is_shown_while_it_is_there(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        await using var services = Part("cards", "gadgets 3");
        var parts = endpoint.Get<EndpointParts>();

        parts.Show("one", services);
        var shown = (await endpoint.GetAsync("/metrics", token)).Text;
        var ready = await endpoint.GetAsync("/readyz", token);
        parts.Hide("one");
        var hidden = (await endpoint.GetAsync("/metrics", token)).Text;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown, Does.Contain("\ncards 3\n").And.Contain("collector=\"cards\""));
            Assert.That(ready, Is.EqualTo((200, "[+] cards: gadgets 3\n")));
            Assert.That(hidden, Does.Not.Contain("cards"));
            Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200, "ok\n")));
        }
    }

    [Test]
    public async Task A_part_takes_the_place_of_what_it_was(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        await using var before = Part("cards", "before");
        await using var after = Part("cards", "after");
        await using var other = Part("pods", "other");
        var parts = endpoint.Get<EndpointParts>();

        parts.Show("one", before);
        parts.Show("two", other);
        parts.Show("one", after);

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200, "[+] cards: after\n[+] pods: other\n")));
    }

    [Test]
    public async Task Two_parts_with_a_source_of_one_name_are_refused(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);
        await using var first = Part("cards", "");
        await using var second = Part("cards", "");
        var parts = endpoint.Get<EndpointParts>();
        parts.Show("one", first);

        Assert.That(() => parts.Show("two", second), Throws.ArgumentException.With.Message.Contain("the name 'cards'"));
    }

    [Test]
    public async Task A_part_that_is_not_shown_can_be_hidden(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);

        endpoint.Get<EndpointParts>().Hide("none");

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200, "ok\n")));
    }

    private static ServiceProvider Part(string name, string state)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<IMetricSource>(new Source(name));
        services.AddHealthChecks().AddCheck(name, () => HealthCheckResult.Healthy(state), [HealthCheckTags.Ready]);
        return services.BuildServiceProvider();
    }

    private sealed class Source(string name) : IMetricSource
    {
        public string Name => name;

        public ValueTask<IReadOnlyCollection<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyCollection<MetricFamily>>([MetricFamily.Gauge(name, "Things.", [new(3)])]);
    }
}
