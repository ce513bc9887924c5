using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NpuFeatureDiscovery.DevicePlugin;
using NpuFeatureDiscovery.DevicePlugin.Cdi;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.DevicePlugin.Units;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>One card for one container: by the allocator alone, and over the socket with our own client.</summary>
public class AllocateBenchmarks : HostBenchmark
{
    private const string Resource = "beta.furiosa.ai/npu";

    private PluginDevice[] _one = [];
    private AllocateRequest _request = new();
    private UnitAllocator _allocator = null!;
    private GrpcChannel _channel = null!;

    [Benchmark]
    public async Task<object> AllocatorAsync() => await _allocator.AllocateAsync(_one, CancellationToken.None);

    [Benchmark]
    public async Task<object> OverTheSocketAsync() =>
        await _channel.UnaryAsync("/v1beta1.DevicePlugin/Allocate", _request, AllocateResponse.Parser);

    protected override void Prepare()
    {
        var now = TimeProvider.System.GetUtcNow();
        var ids = new DeviceIds().Of(Node.Devices);
        PluginDevice[] units =
        [
            .. Node.Devices.SelectMany((device, index) => UnitFactory.Create(device, ids[index], DefaultPe.Fusion))
                .Select(unit => new ListedUnit(unit, PluginDeviceState.Healthy, null, now)),
        ];
        _one = units[..1];
        _request = new AllocateRequest { ContainerRequests = { new ContainerAllocateRequest { DeviceIds = { _one[0].Id } } } };
        _allocator = new UnitAllocator(
            Resource, Host.Root, () => AllocationPolicy.Packed, new NpuCdiPublisher(CdiMode.Off, Host.Path, NullLogger<NpuCdiPublisher>.Instance));

        var feed = new DeviceFeed();
        feed.Publish(new DeviceList(units));
        var allocations = new DeviceAllocations(
            Resource, feed, _allocator, TimeSpan.FromSeconds(10), TimeProvider.System, NullLogger.Instance);
        var socket = Own(new TemporaryFolder()).At("plugin.sock");
        var meters = Own(new ServiceCollection().AddMetrics().BuildServiceProvider()).GetRequiredService<IMeterFactory>();
        var server = Own(new DevicePluginServer(
            Resource, socket, feed, allocations, new DevicePluginMetrics(meters, TimeProvider.System), TimeProvider.System,
            NullLoggerFactory.Instance, static () => { }));
        server.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _channel = Own(new GrpcChannel(socket, TimeProvider.System));
    }
}
