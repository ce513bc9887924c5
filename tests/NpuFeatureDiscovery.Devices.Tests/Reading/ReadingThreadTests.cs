using NpuFeatureDiscovery.Devices.Reading;

namespace NpuFeatureDiscovery.Devices.Tests.Reading;

public sealed class ReadingThreadTests
{
    [Test]
    [CancelAfter(30_000)]
    public async Task A_thread_that_came_to_run_only_after_the_deadline_is_free_again(CancellationToken token)
    {
        for (var round = 0; round < 100; round++)
        {
            var thread = new ReadingThread<string, int>("reading thread", text => text.Length);
            thread.Start(["one", "three"], new int[2], 0, 2);
            thread.Wait(TimeSpan.Zero);

            while (thread.IsHanging)
            {
                token.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            thread.End();
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_last_act_of_a_thread_waits_for_the_read_that_hangs(CancellationToken token)
    {
        using var begun = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<bool>();
        var isAnswered = false;
        var thread = new ReadingThread<string, int>(
            "reading thread",
            text =>
            {
                begun.Set();
                answer.Wait(token);
                isAnswered = true;
                return text.Length;
            },
            ended: () => ended.SetResult(isAnswered));
        thread.Start(["one"], new int[1], 0, 1);
        begun.Wait(token);
        thread.Wait(TimeSpan.Zero);

        thread.End();
        answer.Set();

        Assert.That(await ended.Task.WaitAsync(token), Is.True);
    }
}
