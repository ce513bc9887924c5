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
}
