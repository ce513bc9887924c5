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
        var code = Readme.SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```")
            .Where(line => line.Length > 0 && !line.StartsWith("using ", StringComparison.Ordinal));
        var thisFile = File.ReadLines(Repository.At("tests/NpuFeatureDiscovery.DevicePlugin.Tests/ReadmeTests.cs"));

        Assert.That(code, Is.Not.Empty.And.SubsetOf(thisFile.Select(line => line.Trim())));
    }

    [Test]
    public void The_README_names_every_instrument()
    {
        var source = File.ReadAllText(Repository.At($"{Library}/DevicePluginMetrics.cs"));
        var names = source.Split('"').Where(text => text.StartsWith("npu.", StringComparison.Ordinal)).ToArray();

        Assert.That(names, Has.Exactly(5).Items);
        foreach (var name in names)
            Assert.That(Readme, Has.One.StartsWith($"| `{name}` |"));
    }

    internal static async Task RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddNpuDevicePlugin(plugin => plugin.DefaultPe = DefaultPe.Single);
        await builder.Build().RunAsync();
    }
}
