using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace NpuFeatureDiscovery.Metrics.Tests;

public sealed class EndpointOptionsTests
{
    [Test]
    public void All_that_is_wrong_is_said_at_once()
    {
        using var services = new ServiceCollection()
            .AddNpuEndpoint(endpoint => (endpoint.CheckDeadline, endpoint.CollectDeadline) = (TimeSpan.Zero, TimeSpan.FromHours(1)))
            .BuildServiceProvider();

        Assert.That(() => services.GetRequiredService<EndpointService>(), Throws.TypeOf<OptionsValidationException>()
            .With.Message.Contain("Address is not set").And.Message.Contain("CheckDeadline is '00:00:00'")
            .And.Message.Contain("CollectDeadline is '01:00:00'"));
    }

    [Test]
    public void It_may_be_added_more_than_once()
    {
        using var services = new ServiceCollection()
            .AddNpuEndpoint(endpoint => endpoint.Address = EndpointAddress.Parse(":0"))
            .AddNpuEndpoint(endpoint => endpoint.Meters.Add("Mine"))
            .BuildServiceProvider();

        Assert.That(services.GetServices<Microsoft.Extensions.Hosting.IHostedService>(), Has.Exactly(1).Items);
        Assert.That(services.GetServices<IMetricSource>(), Has.Exactly(3).Items);
    }
}
