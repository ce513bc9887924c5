using System.Net;
using Microsoft.AspNetCore.Http;
using NpuFeatureDiscovery.Testing.Kubernetes;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>What an API server does to an agent that has something to tell it: a card comes or goes meanwhile.</summary>
internal static class ApiFaults
{
    /// <summary>
    /// After an outage of seconds the agent tries again within seconds, after a long one within a minute and a tenth: the longest
    /// wait of its back-off. One that hangs is given up after 15 seconds first.
    /// </summary>
    private const int Soon = 30;

    public static IReadOnlyList<AgentFault> All { get; } =
    [
        new("API server stopped", Soon, StopAsync),
        new("API server holds its connections", Soon, HoldAsync),
        new("API server answers 500", Soon, (node, token) => OutageAsync(node, ApiOutage.Status(HttpStatusCode.InternalServerError), token)),
        new("API server answers 503", Soon, (node, token) => OutageAsync(node, ApiOutage.Status(HttpStatusCode.ServiceUnavailable), token)),
        new("API server never answers", Soon + 15, (node, token) => OutageAsync(node, ApiOutage.Hang, token)),
        new("API server answers slowly", Soon, (node, token) => OutageAsync(node, ApiOutage.Slow(TimeSpan.FromSeconds(2)), token)),
        new("API server cuts its answers in the middle", Soon, (node, token) => OutageAsync(node, ApiOutage.CutInMidBody, token)),
    ];

    private static async Task StopAsync(FaultNode node, CancellationToken token)
    {
        await node.Proxy.CutAsync();
        node.MoveCard();
        await node.AnyTimeAsync(4000, token);
        node.Proxy.Restore();
    }

    private static async Task HoldAsync(FaultNode node, CancellationToken token)
    {
        node.Proxy.Hold();
        node.MoveCard();
        await node.AnyTimeAsync(8000, token);
        node.Proxy.Release();
    }

    private static async Task OutageAsync(FaultNode node, Func<HttpContext, Task<bool>> outage, CancellationToken token)
    {
        var isMet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Api.Outage = context =>
        {
            isMet.TrySetResult();
            return outage(context);
        };
        node.MoveCard();
        await isMet.Task.WaitAsync(token);
        await node.AnyTimeAsync(3000, token);
        node.Api.Outage = null;
    }
}
