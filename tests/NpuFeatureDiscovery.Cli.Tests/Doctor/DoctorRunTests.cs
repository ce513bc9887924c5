using NpuFeatureDiscovery.Cli.Doctor;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Doctor;

public sealed class DoctorRunTests
{
    private const int Deadline = 30_000;

    private readonly ManualTimeProvider _time = new();

    [Test]
    [CancelAfter(Deadline)]
    public async Task Findings_stand_in_the_order_of_the_checks_whichever_ends_first(CancellationToken token)
    {
        var second = new TaskCompletionSource();

        var findings = await RunAsync(token,
            async _ =>
            {
                await second.Task;
                return [Ok("first")];
            },
            _ =>
            {
                second.SetResult();
                return ValueTask.FromResult<IReadOnlyList<Finding>>([Ok("second"), Ok("third")]);
            });

        Assert.That(findings.Select(finding => finding.What), Is.EqualTo(["first", "second", "third"]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task A_check_that_throws_is_a_finding_and_takes_no_other_along(CancellationToken token)
    {
        var findings = await RunAsync(token, _ => throw new InvalidOperationException("no such thing"), Good);

        Assert.That(findings, Has.Count.EqualTo(2));
        Assert.That(findings[0].Level, Is.EqualTo(FindingLevel.Warning));
        Assert.That(findings[0].Check, Is.EqualTo("check-0"));
        Assert.That(findings[0].Why, Is.EqualTo("InvalidOperationException: no such thing"));
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(Deadline)]
    public async Task A_check_that_overruns_is_a_finding_whether_it_hears_of_the_deadline_or_not(bool listens)
    {
        var token = TestContext.CurrentContext.CancellationToken;
        var begun = new TaskCompletionSource();
        var never = new TaskCompletionSource<IReadOnlyList<Finding>>();
        var running = RunAsync(token,
            async deadline =>
            {
                begun.SetResult();
                return await never.Task.WaitAsync(listens ? deadline : CancellationToken.None);
            });
        await begun.Task.WaitAsync(token);

        _time.Advance(DoctorRun.Deadline);

        var findings = await running;
        Assert.That(findings.Select(finding => (finding.Level, finding.Check, finding.What)),
            Is.EqualTo([(FindingLevel.Warning, "check-0", "The check did not end within 15 s.")]));
    }

    [Test]
    [CancelAfter(Deadline)]
    public async Task Who_does_not_want_to_wait_any_more_gets_no_report(CancellationToken token)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(token);
        var running = RunAsync(ended.Token, _ => new(new TaskCompletionSource<IReadOnlyList<Finding>>().Task));

        await ended.CancelAsync();

        Assert.That(async () => await running, Throws.InstanceOf<OperationCanceledException>());
    }

    private static Finding Ok(string what) => new(FindingLevel.Ok, "good", what);

    private static ValueTask<IReadOnlyList<Finding>> Good(CancellationToken cancellationToken) => new([Ok("all is well")]);

    private Task<IReadOnlyList<Finding>> RunAsync(
        CancellationToken token, params Func<CancellationToken, ValueTask<IReadOnlyList<Finding>>>[] checks) => DoctorRun.RunAsync(
            checks.Select((check, index) => new NamedCheck($"check-{index}", new TestCheck(check))), _time, token);

    private sealed class TestCheck(Func<CancellationToken, ValueTask<IReadOnlyList<Finding>>> run) : IDoctorCheck
    {
        public ValueTask<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken) => run(cancellationToken);
    }
}
