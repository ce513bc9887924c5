using NpuFeatureDiscovery.Metrics.Endpoint;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Endpoint;

[CancelAfter(20_000)]
public sealed class SharedRunTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private readonly ManualTimeProvider _time = new();
    private TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    [Test]
    public async Task Who_asks_while_it_runs_gets_the_same_result(CancellationToken token)
    {
        var run = NewRun();
        var (first, second) = (run.GetAsync(token), run.GetAsync(token));

        _end.SetResult(7);

        Assert.That((await first, await second, _runs), Is.EqualTo((7, 7, 1)));
    }

    [Test]
    public async Task Who_asks_later_gets_a_result_of_his_own(CancellationToken token)
    {
        var run = NewRun();
        _end.SetResult(7);

        await run.GetAsync(token);
        await run.GetAsync(token);

        Assert.That(_runs, Is.EqualTo(2));
    }

    [Test]
    public async Task Work_that_hangs_fails_at_its_deadline_and_is_not_started_again_before_it_has_ended(CancellationToken token)
    {
        var run = NewRun();
        var first = run.GetAsync(token);
        _time.Advance(Deadline);

        Assert.That(async () => await first, Throws.TypeOf<TimeoutException>());
        Assert.That(() => run.GetAsync(token), Throws.TypeOf<TimeoutException>());
        Assert.That(Volatile.Read(ref _runs), Is.LessThanOrEqualTo(1));

        var ended = _end;
        _end = new();
        _end.SetResult(8);
        ended.SetResult(7);
        int? result = null;
        while (result is null)
            result = await ResultOrNullAsync(run, token);

        Assert.That((result, _runs), Is.EqualTo((8, 2)));
    }

    [Test]
    public async Task Work_that_heeds_its_token_fails_by_the_deadline_as_well(CancellationToken token)
    {
        var run = new SharedRun<int>(
            async ending =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, ending);
                return 0;
            },
            Deadline, _time);
        var result = run.GetAsync(token);

        _time.Advance(Deadline);

        await Assert.ThatAsync(() => result, Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public async Task Work_that_blocks_its_thread_holds_up_nobody(CancellationToken token)
    {
        using var end = new ManualResetEventSlim();
        var run = new SharedRun<int>(
            _ =>
            {
                end.Wait(token);
                return Task.FromResult(0);
            },
            Deadline, _time);
        var result = run.GetAsync(token);

        _time.Advance(Deadline);

        await Assert.ThatAsync(() => result, Throws.TypeOf<TimeoutException>());
        end.Set();
    }

    [Test]
    public async Task Who_no_longer_wants_it_leaves_the_others_theirs(CancellationToken token)
    {
        var run = NewRun();
        using var leaving = new CancellationTokenSource();
        var (first, second) = (run.GetAsync(leaving.Token), run.GetAsync(token));

        await leaving.CancelAsync();

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        _end.SetResult(7);
        Assert.That(await second, Is.EqualTo(7));
    }

    [Test]
    public async Task Prompt_work_begins_on_the_thread_that_asks(CancellationToken token)
    {
        var asking = Environment.CurrentManagedThreadId;
        var run = new SharedRun<int>(_ => Task.FromResult(Environment.CurrentManagedThreadId), Deadline, _time, () => true);

        Assert.That(await run.GetAsync(token), Is.EqualTo(asking));
    }

    [Test]
    public async Task Prompt_work_that_does_not_end_fails_at_the_deadline(CancellationToken token)
    {
        var run = new SharedRun<int>(_ => _end.Task, Deadline, _time, () => true);

        var result = run.GetAsync(token);
        _time.Advance(Deadline);

        Assert.That(async () => await result, Throws.InstanceOf<TimeoutException>());
    }

    private SharedRun<int> NewRun() => new(
        _ =>
        {
            Interlocked.Increment(ref _runs);
            return _end.Task;
        },
        Deadline, _time);

    private static async Task<int?> ResultOrNullAsync(SharedRun<int> run, CancellationToken token)
    {
        try
        {
            return await run.GetAsync(token);
        }
        catch (TimeoutException)
        {
            await Task.Yield();
            return null;
        }
    }
}
