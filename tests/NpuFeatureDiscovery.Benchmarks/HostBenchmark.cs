using BenchmarkDotNet.Attributes;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>A host of as many Warboys; its files are plain ones, so that no driver's time is in the figures.</summary>
public abstract class HostBenchmark
{
    private readonly Stack<object> _owned = [];

    [Params(1, 8, 64, 256)]
    public int Devices { get; set; }

    protected HostTree Host { get; private set; } = null!;

    protected NodeReader Reader { get; private set; } = null!;

    protected NodeSnapshot Node { get; private set; } = null!;

    [GlobalSetup]
    public void SetUp()
    {
        Host = Hosts.Of(Devices);
        Reader = Own(new NodeReader(Host.Root));
        Node = Reader.Read();
        Prepare();
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        while (_owned.TryPop(out var last))
        {
            if (last is IAsyncDisposable server)
                await server.DisposeAsync();
            else if (last is IDisposable disposable)
                disposable.Dispose();
        }
    }

    protected virtual void Prepare()
    {
    }

    /// <summary>Ends it after the benchmark, the last first.</summary>
    protected T Own<T>(T disposable) where T : class
    {
        _owned.Push(disposable);
        return disposable;
    }
}
