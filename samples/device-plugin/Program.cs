using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.DevicePlugin;

// The packages are for Linux alone.
[assembly: SupportedOSPlatform("linux")]

if (args is not [var gadgetFolder, .. var others])
{
    Console.Error.WriteLine("usage: gadget-plugin GADGET-FOLDER [PLUGIN-FOLDER]");
    return 2;
}

var gadgets = new Gadgets(Path.GetFullPath(gadgetFolder));
var builder = Host.CreateApplicationBuilder();
builder.Services.AddDevicePlugin("example.com/gadget", gadgets, gadgets, kubelet =>
{
    if (others is [var pluginFolder])
        kubelet.PluginDirectory = Path.GetFullPath(pluginFolder);
});
await builder.Build().RunAsync();
return 0;

/// <summary>A gadget is a file of a folder; it is broken while the file is empty. A container gets its gadgets at /gadgets.</summary>
internal sealed class Gadgets(string folder) : IDeviceSource, IDeviceAllocator
{
    public async IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var everySecond = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
            yield return [.. new DirectoryInfo(folder).EnumerateFiles().Select(Look)];
        while (await everySecond.WaitForNextTickAsync(cancellationToken));
    }

    public ValueTask<ContainerAllocation> AllocateAsync(IReadOnlyList<PluginDevice> devices, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContainerAllocation
        {
            Environment = new Dictionary<string, string> { ["GADGETS"] = string.Join(',', devices.Select(gadget => gadget.Id)) },
            Mounts = [.. devices.Select(gadget => new ContainerMount($"{folder}/{gadget.Id}") { ContainerPath = $"/gadgets/{gadget.Id}" })],
        });

    private static PluginDevice Look(FileInfo file) => file.Length > 0
        ? new PluginDevice(file.Name)
        : new PluginDevice(file.Name) { State = PluginDeviceState.Unhealthy, Reason = "its file is empty" };
}
