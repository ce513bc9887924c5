using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>
/// A host with Warboys that containers can really be given: sysfs is a tree of files, and the device nodes are nodes in /dev, where
/// the tree's own dev leads.
/// </summary>
internal sealed class NpuHost : IDisposable
{
    // The null device.
    private const int Major = 1;
    private const int Minor = 3;

    private readonly HostTree _tree = new();
    private readonly List<string> _nodes = [];

    public string Root => _tree.Path;

    public static async Task<NpuHost> CreateAsync(int cards, CancellationToken token)
    {
        var host = new NpuHost();
        for (var index = 0; index < cards; index++)
            host.Cards.Add(host._tree.AddWarboy(index));

        Directory.Delete(host._tree.At("/dev"), recursive: true);
        File.CreateSymbolicLink(host._tree.At("/dev"), "/dev");
        await DeleteLeftNodesAsync(token);
        foreach (var node in host.Cards.SelectMany(card => card.Nodes))
        {
            if (File.Exists(node))
                throw new InvalidOperationException($"'{node}' exists, so this machine has an NPU. Test on one that has none.");

            // What it is the node of does not matter: nobody computes with it.
            await Cluster.ShellAsync("mknod", [node, "c", $"{Major}", $"{Minor}"], "", token);
            host._nodes.Add(node);
        }

        return host;
    }

    /// <summary>What a run that was killed could not delete. No NPU's node has the number of the null device.</summary>
    private static async Task DeleteLeftNodesAsync(CancellationToken token)
    {
        foreach (var node in Directory.GetFiles("/dev", "npu*"))
        {
            var number = await Cluster.ShellAsync("stat", ["--format", "%F %Hr:%Lr", node], "", token);
            if (number.TrimEnd() == $"character special file {Major}:{Minor}")
                File.Delete(node);
        }
    }

    public List<CardTree> Cards { get; } = [];

    public void Dispose()
    {
        foreach (var node in _nodes)
            File.Delete(node);

        _tree.Dispose();
    }
}
