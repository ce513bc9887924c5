using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests;

public sealed class ReadmeTests
{
    private const string Library = "src/NpuFeatureDiscovery.DevicePlugin";

    private static readonly string[] Readme = File.ReadAllLines(Repository.At($"{Library}/README.md"));

    [Test]
    public void The_code_of_the_README_compiles()
    {
        var code = ReadmeCommand.Blocks($"{Library}/README.md", "csharp").SelectMany(block => block.Split('\n'))
            .Where(line => line.Length > 0 && !line.StartsWith("using ", StringComparison.Ordinal)).Select(line => line.Trim()).ToArray();
        var thisFile = File.ReadLines(Repository.At("tests/NpuFeatureDiscovery.DevicePlugin.Tests/ReadmeTests.cs"));

        Assert.That(code, Has.Length.GreaterThan(20).And.SubsetOf(thisFile.Select(line => line.Trim())));
    }

    [Test]
    public void The_README_names_every_instrument()
    {
        var source = File.ReadAllText(Repository.At($"{Library}/DevicePluginMetrics.cs"));
        var names = source.Split('"').Where(text => text.StartsWith("npu.", StringComparison.Ordinal)).ToArray();

        Assert.That(names, Has.Exactly(6).Items);
        foreach (var name in names)
            Assert.That(Readme, Has.One.StartsWith($"| `{name}` |"));
    }

    internal static async Task RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddNpuDevicePlugin(plugin => plugin.DefaultPe = DefaultPe.Single);
        await builder.Build().RunAsync();
    }

    internal static async Task RunGadgetsAsync(string[] args)
    {
        var gadgets = new Gadgets();
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddDevicePlugin("example.com/gadget", gadgets, gadgets);
        await builder.Build().RunAsync();
    }
}

internal sealed class Gadgets : IDeviceSource, IDeviceAllocator
{
    public async IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var everySecond = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
            yield return [.. Directory.GetFiles("/dev", "gadget*").Select(path => new PluginDevice(Path.GetFileName(path)))];
        while (await everySecond.WaitForNextTickAsync(cancellationToken));
    }

    public ValueTask<ContainerAllocation> AllocateAsync(IReadOnlyList<PluginDevice> devices, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContainerAllocation
        {
            DeviceNodes = [.. devices.Select(device => new ContainerDeviceNode("/dev/" + device.Id))],
        });
}
