using System.Globalization;
using System.Text;
using NpuFeatureDiscovery.Cli.Tests.Chaos;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>
/// An agent to which nothing happens, watched by strace: all three parts, beside a kubelet and an API server. NPU_REST_SECONDS for
/// longer; from five minutes on, when the runtime has compiled what it runs, its wake-ups are limited too.
/// tests/NpuFeatureDiscovery.Benchmarks/compare/at-rest runs ten.
/// </summary>
public sealed class AtRestTests : IDisposable
{
    private const int LongSeconds = 300;

    /// <summary>Times that all of its threads sleep and one goes on.</summary>
    private const double WakesPerSecond = 3;

    /// <summary>Half of the lease, which is five minutes at an interval of up to 100 seconds.</summary>
    private const int SecondsPerRenewal = 150;

    /// <summary>NodeSinkOptions.DefaultResync.</summary>
    private const int SecondsPerResync = 600;

    /// <summary>Reads the Node, and applies.</summary>
    private const int RequestsPerResync = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("NPU_REST_SECONDS") ?? "10");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("file")]
    [TestCase("node")]
    public async Task At_rest_it_writes_no_file_but_the_lease_and_asks_the_API_server_no_more_than_the_resync(string output)
    {
        if (!await Shell.SucceedsAsync("strace -qq true", CancellationToken.None))
            Assert.Ignore("Needs strace, and the right to trace a process.");

        await using var node = new FaultNode(seed: 1, output, cards: 2, interval: "60s");
        using (var deadline = new CancellationTokenSource(Deadline))
        {
            await node.StartAsync(deadline.Token);
            node.StartAgent();
            await node.UntilWellAsync(deadline.Token);
        }

        // Until it has let go of what it no longer needs, and compiled what it runs.
        await WaitAsync(Math.Min(120, Seconds));
        var requests = node.AgentRequests;
        var switches = await SwitchesAsync(node.Agent.Id);
        await WaitAsync(Math.Min(60, Seconds));
        var switchesPerSecond = (await SwitchesAsync(node.Agent.Id) - switches) / (double)Math.Min(60, Seconds);
        var (calls, names) = await TraceAsync(node.Agent);
        requests = node.AgentRequests - requests;

        await TestContext.Out.WriteLineAsync(Table(output, calls, names, requests, switchesPerSecond));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(calls.Writes.Where(call => !call.Contains(node.FeaturesFolder, StringComparison.Ordinal)), Is.Empty);
            Assert.That(
                calls.Writes.Count(call => call.StartsWith("rename", StringComparison.Ordinal)),
                Is.LessThanOrEqualTo(output == "file" ? (Seconds / SecondsPerRenewal) + 1 : 0), "renewals");
            Assert.That(requests, Is.LessThanOrEqualTo(output == "node" ? (2 * Seconds / SecondsPerResync + 1) * RequestsPerResync : 0), "requests");
            if (Seconds >= LongSeconds)
                Assert.That(calls.ProcessWakes / (double)Seconds, Is.LessThan(WakesPerSecond), "wake-ups a second");
        }
    }

    private static async Task WaitAsync(int seconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        await timer.WaitForNextTickAsync(CancellationToken.None);
    }

    private async Task<(SystemCalls Calls, Dictionary<int, string> Names)> TraceAsync(AgentProcess agent)
    {
        var trace = _folder.At("trace");
        await Shell.RunAsync(
            $"timeout --signal=INT {Seconds} strace -f -qq -y -ttt -T -e trace={SystemCalls.Traced} -o {trace} -p {agent.Id} || test $? = 124 -o $? = 130",
            CancellationToken.None);
        var names = Directory.GetDirectories($"/proc/{agent.Id}/task")
            .ToDictionary(task => int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture), task => File.ReadAllText($"{task}/comm").Trim());
        return (new SystemCalls(File.ReadLines(trace)), names);
    }

    /// <summary>How often its threads have slept up to now, without strace.</summary>
    private static async Task<int> SwitchesAsync(int id)
    {
        var result = await TheProgram.ShellAsync($"cat /proc/{id}/task/*/status | awk '/^voluntary/ {{ sum += $2 }} END {{ print sum }}'", CancellationToken.None);
        return int.Parse(result.Output, CultureInfo.InvariantCulture);
    }

    private static string Table(string output, SystemCalls calls, Dictionary<int, string> names, int requests, double switches)
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{Seconds} s at rest, labels to {output}:");
        table.AppendLine(CultureInfo.InvariantCulture, $"{calls.Writes.Count,8} calls that change files, {calls.Writes.Count(call => call.StartsWith("rename", StringComparison.Ordinal))} files written");
        table.AppendLine(CultureInfo.InvariantCulture, $"{requests,8} requests to the API server");
        table.AppendLine(CultureInfo.InvariantCulture, $"{calls.ProcessWakes / (double)Seconds,8:0.00} wake-ups a second of the process");
        table.AppendLine(CultureInfo.InvariantCulture, $"{calls.ThreadWakes / (double)Seconds,8:0.00} wake-ups a second of its threads; without strace {switches:0.00} voluntary context switches");
        foreach (var group in calls.WakesOfThreads.GroupBy(thread => names.GetValueOrDefault(thread.Key, "ended")).OrderBy(group => group.Key, StringComparer.Ordinal))
            table.AppendLine(CultureInfo.InvariantCulture, $"{group.Sum(thread => thread.Value) / (double)Seconds,16:0.00} {group.Key}");

        return table.ToString();
    }
}
