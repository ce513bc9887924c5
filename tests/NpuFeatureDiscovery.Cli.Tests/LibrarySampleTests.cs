using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests;

public sealed class LibrarySampleTests : IDisposable
{
    private readonly HostTree _host = new();
    private readonly PackagedSample _sample = new("samples/library", "Devices", "Kubernetes", "Labels");

    public void Dispose()
    {
        _host.Dispose();
        _sample.Dispose();
    }

    [Test]
    [CancelAfter(240_000)]
    public async Task A_foreign_program_publishes_the_labels_by_the_packages_alone(CancellationToken token)
    {
        _host.AddWarboy(0);
        var labels = (await CommandLine.RunAsync("--oneshot", "--root", _host.Path, "--output", "-", "--log-level", "error")).Output;

        using var program = await _sample.StartAsync(
            command => command.Replace("samples/nodes/warboy-1", _host.Path, StringComparison.Ordinal), token);
        await program.WaitForAsync("Published", token);
        var (exitCode, log) = await program.EndAsync("TERM", token);

        Assert.That(exitCode, Is.Zero, log);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllText(_sample.At("out/features.d/node-agent")),
                Does.StartWith("# +expiry-time=").And.EndWith($"Z\n{labels}example.com/npu.healthy=1\n"));
            Assert.That(_sample.At("samples/library/packages.lock.json"), Does.Not.Exist, "A setting of the repository reached it.");
        }
    }
}
