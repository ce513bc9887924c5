using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Labels;
using NpuFeatureDiscovery.Labels.Sinks;

// The packages are for Linux alone.
[assembly: SupportedOSPlatform("linux")]

if (args is not [var root, var featuresFolder])
{
    Console.Error.WriteLine("usage: node-agent ROOT FEATURES-FOLDER");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
builder.Services.AddNpuLabels();
builder.Services.AddSingleton<ILabeller, HealthyCards>();

// Without these two it reads '/' and writes where nfd-worker looks.
builder.Services.AddSingleton(new HostRoot(root));
builder.Services.Configure<FeatureFileOptions>(file =>
{
    file.FeaturesDirectory = featuresFolder;
    file.FileName = "node-agent";
});

using var host = builder.Build();
await host.RunAsync();
return 0;

internal sealed class HealthyCards : ILabeller
{
    public void AddLabels(NodeSnapshot node, LabelSetBuilder labels) =>
        labels.Add("example.com/npu.healthy", node.Devices.Count(device => device.Health.State == HealthState.Healthy));
}
