using NpuFeatureDiscovery.Metrics.Processes;

namespace NpuFeatureDiscovery.Metrics.Tests.Processes;

public sealed class ProcessStartTests
{
    [TestCase("npu-feature-dis")]
    [TestCase(") S 1 (x")]
    [TestCase("")]
    public void A_line_of_the_kernel_is_read_whatever_the_program_is_called(string name)
    {
        var start = ProcessStart.AfterBoot(
            $"4321 ({name}) S 1 4321 4321 0 -1 4194560 18232 0 11 0 152 48 0 0 20 0 14 0 123456 274877906944 9216 "
            + "18446744073709551615 1 1 0 0 0 0 0 4096 1073760002 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n");

        Assert.That(start, Is.EqualTo(TimeSpan.FromSeconds(1234.56)));
    }
}
