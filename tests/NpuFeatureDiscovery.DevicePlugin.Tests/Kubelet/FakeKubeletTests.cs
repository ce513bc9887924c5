using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Testing;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

/// <summary>A folder, and the kubelets and plugins of one test in it.</summary>
public abstract class FakeKubeletTests : IAsyncDisposable
{
    internal const string Npu = "furiosa.ai/npu";
    private readonly List<IAsyncDisposable> _disposables = [];

    private protected TemporaryFolder Folder { get; } = new();

    private protected ManualTimeProvider Clock { get; } = new();

    public async ValueTask DisposeAsync()
    {
        foreach (var disposable in _disposables)
            await disposable.DisposeAsync();

        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected FakeKubelet NewKubelet(KubeletVersion version)
    {
        var kubelet = new FakeKubelet(Folder.Path, version, Clock);
        _disposables.Add(kubelet);
        return kubelet;
    }

    private protected async Task<FakeKubelet> StartKubeletAsync(KubeletVersion version, CancellationToken token)
    {
        var kubelet = NewKubelet(version);
        await kubelet.StartAsync(token);
        return kubelet;
    }

    private protected ScriptedPlugin NewPlugin(string socketName = "npu.sock")
    {
        var plugin = new ScriptedPlugin(Folder.Path, socketName);
        _disposables.Add(plugin);
        return plugin;
    }

    /// <summary>A plugin that serves a list, is registered, and has its stream.</summary>
    private protected async Task<ScriptedPlugin> StartPluginAsync(
        FakeKubelet kubelet, IEnumerable<Device> devices, CancellationToken token, string socketName = "npu.sock",
        bool hasPreference = false)
    {
        var plugin = NewPlugin(socketName);
        var options = new V1Beta1.DevicePluginOptions { GetPreferredAllocationAvailable = hasPreference };
        plugin.OnOptions = () => Task.FromResult(options);
        plugin.List(devices);
        await plugin.StartAsync(token);
        var lists = kubelet.State.Lists.Count;
        await plugin.RegisterAsync(token, options: options);
        await kubelet.WaitForAsync(state => state.Lists.Count > lists, token);
        return plugin;
    }

    private protected static IEnumerable<Device> Healthy(params IEnumerable<string> ids) => ids.Select(ScriptedPlugin.Healthy);
}
