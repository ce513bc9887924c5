using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace NpuFeatureDiscovery.Testing.Kubernetes;

/// <summary>What an API server does to all requests for a while: see <see cref="FakeKubernetesApi.Outage"/>.</summary>
public static class ApiOutage
{
    /// <summary>Answers each with a status, as an API server without its store or a load balancer without one does.</summary>
    public static Func<HttpContext, Task<bool>> Status(HttpStatusCode code) => context =>
    {
        context.Response.StatusCode = (int)code;
        return Task.FromResult(true);
    };

    /// <summary>Never answers.</summary>
    public static Func<HttpContext, Task<bool>> Hang { get; } = async context =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        return true;
    };

    /// <summary>Answers rightly, after a while.</summary>
    public static Func<HttpContext, Task<bool>> Slow(TimeSpan time) => async context =>
    {
        await Task.Delay(time, TimeProvider.System, context.RequestAborted);
        return false;
    };

    /// <summary>Breaks the connection in the middle of an answer's body.</summary>
    public static Func<HttpContext, Task<bool>> CutInMidBody { get; } = async context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 4096;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("""{"kind":"Node","apiVersion":"v1","metadata":{"name":"no"""));
        await context.Response.Body.FlushAsync();
        context.Abort();
        return true;
    };
}
