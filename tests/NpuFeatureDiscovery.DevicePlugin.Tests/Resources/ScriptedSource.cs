using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Resources;

/// <summary>Tells what a test tells it, and nothing by itself.</summary>
internal sealed class ScriptedSource : IDeviceSource
{
    private readonly Channel<Func<IReadOnlyList<PluginDevice>?>> _script =
        Channel.CreateUnbounded<Func<IReadOnlyList<PluginDevice>?>>();

    private int _calls;

    /// <summary>How often it was asked.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public void List(params IReadOnlyList<PluginDevice> devices) => _script.Writer.TryWrite(() => devices);

    public void Fail(string message) => _script.Writer.TryWrite(() => throw new IOException(message));

    public void End() => _script.Writer.TryWrite(() => null);

    public async IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        await foreach (var step in _script.Reader.ReadAllAsync(cancellationToken))
        {
            if (step() is not { } devices)
                yield break;

            yield return devices;
        }
    }
}
