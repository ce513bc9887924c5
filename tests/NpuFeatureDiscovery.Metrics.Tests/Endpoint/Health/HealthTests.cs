using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint.Health;

/// <summary>What <c>/livez</c> and <c>/readyz</c> answer.</summary>
[CancelAfter(60_000)]
public sealed class HealthTests
{
    private const string Ready = HealthCheckTags.Ready;
    private const string Live = HealthCheckTags.Live;

    [Test]
    public async Task Without_checks_both_are_ok([Values("/livez", "/readyz")] string path, CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token);

        Assert.That(await endpoint.GetAsync(path, token), Is.EqualTo((200, "ok\n")));
    }

    [Test]
    public async Task Each_check_has_a_line_in_the_order_of_their_names(CancellationToken token)
    {
        using var endpoint = await StartAsync(checks => checks
            .AddCheck("kubelet", () => HealthCheckResult.Unhealthy("the kubelet has\n not answered"), [Ready])
            .AddCheck("devices", () => HealthCheckResult.Healthy(), [Ready])
            .AddCheck("api", () => HealthCheckResult.Degraded("slow"), [Ready])
            .AddCheck("zone", () => throw new IOException("no such file"), [Ready])
            .AddCheck("bare", () => HealthCheckResult.Unhealthy(), [Ready])
            .AddCheck("other", () => HealthCheckResult.Unhealthy()), token);

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((503, """
            [+] api: slow
            [-] bare: unhealthy
            [+] devices
            [-] kubelet: the kubelet has not answered
            [-] zone: no such file

            """)));
        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));
    }

    [Test]
    public async Task What_a_check_says_reaches_no_terminal_and_adds_no_line(CancellationToken token)
    {
        using var endpoint = await StartAsync(
            checks => checks.AddCheck("api", () => HealthCheckResult.Unhealthy("said '\e[2Jx\r\n[+] forged\u2028\u202e'"), [Ready]), token);

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((503, "[-] api: said '?[2Jx [+] forged??'\n")));
    }

    [Test]
    public async Task Degraded_is_ready(CancellationToken token)
    {
        using var endpoint = await StartAsync(checks => checks
            .AddCheck("api", () => HealthCheckResult.Degraded("slow"), [Ready])
            .Add(new HealthCheckRegistration("zone", _ => throw new IOException("gone"), HealthStatus.Degraded, [Ready])), token);

        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200, "[+] api: slow\n[+] zone: gone\n")));
    }

    [Test]
    public async Task A_check_of_life_that_fails_fails_livez_alone(CancellationToken token)
    {
        using var endpoint = await StartAsync(checks => checks
            .AddCheck("loop", () => HealthCheckResult.Unhealthy("the loop stands still"), [Live]), token);

        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((503, "[-] loop: the loop stands still\n")));
        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((200, "ok\n")));
    }

    [Test]
    public async Task Json_is_given_where_it_is_asked_for(CancellationToken token)
    {
        using var endpoint = await StartAsync(checks => checks
            .AddCheck("kubelet", () => HealthCheckResult.Unhealthy("gone"), [Ready])
            .AddCheck("devices", () => HealthCheckResult.Healthy(), [Ready]), token);

        const string Json = """
            {"status":"Unhealthy","checks":[{"name":"devices","status":"Healthy"},
            {"name":"kubelet","status":"Unhealthy","reason":"gone"}]}
            """;
        Assert.That(await endpoint.GetAsync("/readyz", token, accept: "application/json"), Is.EqualTo((503, Json.ReplaceLineEndings(""))));
    }

    [Test]
    public async Task A_check_that_hangs_has_failed_and_holds_up_no_other(CancellationToken token)
    {
        var time = new ManualTimeProvider();
        var check = new HangingCheck();
        using var endpoint = await StartAsync(checks => checks
            .AddCheck("kubelet", check, tags: [Ready])
            .AddCheck("devices", () => HealthCheckResult.Healthy(), [Ready])
            .AddCheck("loop", () => HealthCheckResult.Healthy(), [Live]), token, time);
        var answer = endpoint.GetAsync("/readyz", token);
        await check.Called.WaitAsync(token);
        Assert.That(await endpoint.GetAsync("/livez", token), Is.EqualTo((200, "ok\n")));

        time.Advance(TimeSpan.FromSeconds(3));

        const string Failed = "[+] devices\n[-] kubelet: took longer than 3 s\n";
        Assert.That(await answer, Is.EqualTo((503, Failed)));
        Assert.That(await endpoint.GetAsync("/readyz", token), Is.EqualTo((503, Failed)), "while it still hangs");
        Assert.That(check.Calls, Is.EqualTo(1));
        Assert.That(endpoint.Log.Messages(LogLevel.Warning),
            Is.EqualTo((string[])["Health check kubelet failed: took longer than 3 s"]));
    }

    [Test]
    public async Task A_shorter_timeout_of_a_check_counts(CancellationToken token)
    {
        var time = new ManualTimeProvider();
        var check = new HangingCheck();
        using var endpoint = await StartAsync(
            checks => checks.AddCheck("kubelet", check, tags: [Ready], timeout: TimeSpan.FromSeconds(0.5)), token, time);
        var answer = endpoint.GetAsync("/readyz", token);
        await check.Called.WaitAsync(token);

        time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.That(await answer, Is.EqualTo((503, "[-] kubelet: took longer than 0.5 s\n")));
    }

    [Test]
    public async Task A_failure_is_logged_when_it_begins_and_when_it_ends(CancellationToken token)
    {
        var result = HealthCheckResult.Unhealthy("gone");
        using var endpoint = await StartAsync(checks => checks.AddCheck("kubelet", () => result, [Ready]), token);

        await endpoint.GetAsync("/readyz", token);
        await endpoint.GetAsync("/readyz", token);
        result = HealthCheckResult.Healthy();
        await endpoint.GetAsync("/readyz", token);
        await endpoint.GetAsync("/readyz", token);

        Assert.That(endpoint.Log.Messages().Where(message => message.Contains("kubelet")),
            Is.EqualTo((string[])["Health check kubelet failed: gone", "Health check kubelet passes again"]));
    }

    [Test]
    public async Task A_check_gets_its_services_anew_each_time(CancellationToken token)
    {
        using var endpoint = await EndpointHost.StartAsync(token, services => services
            .AddScoped<Scoped>().AddHealthChecks().AddCheck<Scoped>("scoped", tags: [Ready]));

        Assert.That((await endpoint.GetAsync("/readyz", token)).Status, Is.EqualTo(200));
        Assert.That((await endpoint.GetAsync("/readyz", token)).Status, Is.EqualTo(200));
    }

    private static Task<EndpointHost> StartAsync(
        Action<IHealthChecksBuilder> configure, CancellationToken token, TimeProvider? time = null) =>
        EndpointHost.StartAsync(token, services => configure(services.AddHealthChecks()), time);

    private sealed class HangingCheck : IHealthCheck
    {
        private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<HealthCheckResult> _never = new();
        private int _calls;

        public Task Called => _called.Task;

        public int Calls => _calls;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            _called.TrySetResult();
            return _never.Task;
        }
    }

    private sealed class Scoped : IHealthCheck
    {
        private int _calls;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
            Task.FromResult(++_calls == 1 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("used again"));
    }
}
