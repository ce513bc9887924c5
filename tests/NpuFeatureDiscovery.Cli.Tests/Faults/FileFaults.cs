using NpuFeatureDiscovery.Cli.Tests.Chaos;

namespace NpuFeatureDiscovery.Cli.Tests.Faults;

/// <summary>What becomes of a feature file that cannot be written, or by an agent that cannot open another file.</summary>
internal static class FileFaults
{
    private const int Soon = 30;

    public static IReadOnlyList<AgentFault> All { get; } =
    [
        new("no handle left", Soon, ExhaustHandlesAsync),
        new("feature file removed", Soon, RemoveAsync),
    ];

    /// <summary>Those that a user who may not mount cannot cause.</summary>
    public static IReadOnlyList<AgentFault> Mounted { get; } =
    [
        // A file system of its own, which comes and goes with what is in it.
        new("disk full", Soon, (node, token) => OnOwnDiskAsync(node, "size=16k", "mkdir fill; dd if=/dev/zero of=fill/f bs=4k 2>/dev/null || true", "rm -r fill", token)),
        new("file system read-only", Soon, (node, token) => OnOwnDiskAsync(node, "size=1m", "mount -o remount,ro .", "mount -o remount,rw .", token)),
    ];

    private static async Task ExhaustHandlesAsync(FaultNode node, CancellationToken token)
    {
        var limit = node.Agent.Figures.Handles + node.Random.Next(4);
        await Shell.RunAsync($"prlimit --pid {node.Agent.Id} --nofile={limit}:", token);
        try
        {
            node.MoveCard();
            await node.Kubelet.KillAsync();
            await node.Kubelet.StartAsync(token);
            await node.AnyTimeAsync(3000, token);
        }
        finally
        {
            await Shell.RunAsync($"prlimit --pid {node.Agent.Id} --nofile=1024:", CancellationToken.None);
        }
    }

    private static Task RemoveAsync(FaultNode node, CancellationToken token)
    {
        File.Delete(node.FeatureFile);
        return Task.CompletedTask;
    }

    private static async Task OnOwnDiskAsync(FaultNode node, string options, string breakIt, string repairIt, CancellationToken token)
    {
        var folder = node.FeaturesFolder;
        await Shell.RunAsync($"mount -t tmpfs -o {options} none {folder}", token);
        try
        {
            await node.UntilWellAsync(token);
            node.Agent.TakeTroubles();
            await Shell.RunAsync($"cd {folder}; {breakIt}", token);
            var before = await File.ReadAllTextAsync(node.FeatureFile, token);
            node.MoveCard();
            await node.Agent.WaitForTroubleAsync("is not written, and an earlier one is untouched", token);
            Assert.That(await File.ReadAllTextAsync(node.FeatureFile, token), Is.EqualTo(before));
            await Shell.RunAsync($"cd {folder}; {repairIt}", token);
            await node.UntilWellAsync(token);
        }
        finally
        {
            // Lazily, since the agent may be looking.
            await Shell.RunAsync($"umount -l {folder}", CancellationToken.None);
        }
    }
}
