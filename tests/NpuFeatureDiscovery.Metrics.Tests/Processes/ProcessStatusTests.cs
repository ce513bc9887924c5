using NpuFeatureDiscovery.Metrics.Processes;

namespace NpuFeatureDiscovery.Metrics.Tests.Processes;

public sealed class ProcessStatusTests
{
    [TestCase("npu-feature-dis")]
    [TestCase(") S 1 (x")]
    [TestCase("")]
    public void A_line_of_the_kernel_is_read_whatever_the_program_is_called(string name)
    {
        var status = ProcessStatus.Parse(
            $"4321 ({name}) S 1 4321 4321 0 -1 4194560 18232 0 11 0 152 48 0 0 20 0 14 0 123456 274877906944 9216 "
            + "18446744073709551615 1 1 0 0 0 0 0 4096 1073760002 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
            pageSize: 4096);

        Assert.That(status, Is.EqualTo(new ProcessStatus(
            CpuTime: TimeSpan.FromSeconds(2), StartAfterBoot: TimeSpan.FromSeconds(1234.56), ResidentBytes: 9216 * 4096)));
    }
}
