using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;
using NpuFeatureDiscovery.Kubernetes;
using NpuFeatureDiscovery.Labels.Nfd;
using NpuFeatureDiscovery.Labels.Sinks;

namespace NpuFeatureDiscovery.Labels.Tests;

/// <summary>The C# of the packages' READMEs, so that it compiles; <see cref="ReadmeSnippetTests"/> compares the two.</summary>
internal static class ReadmeSnippets
{
    public static async Task KeepLabelsAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddNpuLabels(labels => labels.Profiles = [LabelProfiles.Beta, LabelProfiles.Current]);
        await builder.Build().RunAsync();
    }

    public static void MakeLabels()
    {
        using var reader = new NodeReader(HostRoot.Default);
        var labels = LabelEngine.Create(reader.Read(), new LabelOptions());
        foreach (var label in labels.Labels)
            Console.WriteLine(label);
    }

    public static void AddLabeller(HostApplicationBuilder builder)
    {
        // builder.Services.AddSingleton<ILabeller, NumaLabeller>();
        builder.Services.AddSingleton<ILabeller, NumaLabeller>();
    }

    public static void LabelTheNode(HostApplicationBuilder builder)
    {
        var configuration = KubernetesConfiguration.Find() ?? throw new InvalidOperationException("There is no API server.");
        var client = new KubernetesClient(configuration, TimeProvider.System);
        builder.Services.AddSingleton<ILabelSink>(new NodeSink(new NodeSinkOptions { NodeName = "node-1" }, client));
        builder.Services.AddNpuLabels();
    }

    public static void Validate()
    {
        var file = NfdFeatureFile.Parse("# +no-label\nexample.com/raw=1\nexample.com/a=b c\n", NfdVersion.Parse("v0.18.3"), DateTimeOffset.UtcNow);
        foreach (var line in file.Lines.Where(line => line.IsLost))
            Console.WriteLine($"line {line.Number}: {line.Outcome}. {line.Reason}");
    }

    public static void ReadOnce()
    {
        using var reader = new NodeReader(HostRoot.Default);
        var node = reader.Read();
        foreach (var device in node.Devices)
            Console.WriteLine($"{device.Name} {device.Product} {device.PciAddress} {device.Health.State}");
        foreach (var problem in node.Problems)
            Console.Error.WriteLine(problem);
    }

    public static void ReadSensors()
    {
        using var reader = new NodeReader(HostRoot.Default);
        using var sensors = new SensorReader(HostRoot.Default, TimeProvider.System, SensorReader.DefaultDeviceTimeout);
        foreach (var card in sensors.Read(reader.Read().Devices))
            Console.WriteLine($"{card.Device.Name} {card.CardTemperature?.Millicelsius} m°C {card.CardPower?.Microwatts} µW {card.Failure}");
    }

    public static async Task FollowAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddNpuDevices(devices => devices.HealthInterval = TimeSpan.FromSeconds(5));
        using var host = builder.Build();
        await host.StartAsync();

        var monitor = host.Services.GetRequiredService<DeviceMonitor>();
        await foreach (var node in monitor.WatchAsync(CancellationToken.None))
            Console.WriteLine($"{node.Devices.Count} NPUs");
    }

    internal sealed class NumaLabeller : ILabeller
    {
        public void AddLabels(NodeSnapshot node, LabelSetBuilder labels) =>
            labels.Add("example.com/npu.numa-nodes", node.Devices.Select(device => device.NumaNode).Distinct().Count());
    }
}
