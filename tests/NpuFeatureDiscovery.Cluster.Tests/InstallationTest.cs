namespace NpuFeatureDiscovery.Cluster.Tests;

/// <summary>A test of what deploy/ installs on the cluster's node; it goes with the test.</summary>
public abstract class InstallationTest : NodeTest
{
    protected const string FeatureDiscovery = "furiosa-npu-feature-discovery";
    protected const string Plugin = "furiosa-device-plugin";
    protected const string Exporter = "furiosa-npu-metrics-exporter";
    protected const string NfdFolder = "/etc/kubernetes/node-feature-discovery";
    protected const string FeatureFile = $"{NfdFolder}/features.d/npu-feature-discovery";

    /// <summary>What our NodeFeatureRule says of a node with an NPU, since there is no NFD here that would.</summary>
    private const string NfdLabel = "feature.node.kubernetes.io/furiosa-npu";

    private static readonly string[] Parents = ["/etc/kubernetes", NfdFolder, $"{NfdFolder}/features.d"];

    private readonly List<TestOverlay> _overlays = [];
    private readonly string[] _newFolders = [.. Parents.Where(folder => !Directory.Exists(folder))];

    [OneTimeSetUp]
    public static Task LoadImageAsync()
    {
        Cluster.Require();
        return NpuImage.LoadAsync();
    }

    [TearDown]
    public async Task UninstallAsync()
    {
        if (_overlays.Count == 0)
            return;

        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(Deadline));
        await Cluster.KubectlAsync(["delete", "pod", "npu-pod", "--now", "--ignore-not-found"], deadline.Token);
        foreach (var overlay in _overlays)
            await overlay.DeleteAsync(deadline.Token);

        await TestOverlay.PodsAreGoneAsync(deadline.Token);
        await NodeLabels.RemoveAsync(deadline.Token);
        await Cluster.KubectlAsync(["label", "node", Cluster.Node, $"{NfdLabel}-"], deadline.Token);
        if (Directory.Exists($"{NfdFolder}/features.d"))
            await NodeLabels.RemoveFileAsync(deadline.Token);
        DeleteNewFolders();
    }

    /// <summary>Deletes what the kubelet made for the feature file.</summary>
    private protected void DeleteNewFolders()
    {
        foreach (var folder in _newFolders.Reverse().Where(folder => Directory.Exists(folder)))
            Directory.Delete(folder);
    }

    /// <summary>A host whose node NFD has labelled.</summary>
    private protected async Task<NpuHost> LabelledHostAsync(int cards, CancellationToken token)
    {
        await Cluster.KubectlAsync(["label", "--overwrite", "node", Cluster.Node, $"{NfdLabel}=true"], token);
        return await HostAsync(cards, token);
    }

    private protected async Task<TestOverlay> InstallAsync(string name, NpuHost host, CancellationToken token)
    {
        var overlay = Overlay(name, host);
        await overlay.InstallAsync(token);
        return overlay;
    }

    private protected TestOverlay Overlay(string name, NpuHost host, string changes = "", string patches = "")
    {
        var overlay = EndWithTest(new TestOverlay(name, host, changes, patches));
        _overlays.Add(overlay);
        return overlay;
    }
}
