using System.Buffers;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc.Wire;

namespace NpuFeatureDiscovery.Benchmarks;

/// <summary>Messages of the kubelet's contract in their frames.</summary>
public class FrameBenchmarks : HostBenchmark
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 20);
    private readonly ListAndWatchResponse _list = new();
    private readonly ContainerAllocateResponse _container = new();
    private readonly AllocateResponse _answer = new();
    private byte[] _request = [];

    [Benchmark]
    public int ListAndWatch()
    {
        _bytes.ResetWrittenCount();
        MessageFrame.Write(_bytes, _list);
        return _bytes.WrittenCount;
    }

    [Benchmark]
    public int AllocateAnswer()
    {
        _bytes.ResetWrittenCount();
        MessageFrame.Write(_bytes, _answer);
        return _bytes.WrittenCount;
    }

    /// <summary>Of all cards.</summary>
    [Benchmark]
    public async Task<object?> AllocateRequestAsync() => await MessageFrame.ReadAsync(
        PipeReader.Create(new ReadOnlySequence<byte>(_request)), AllocateRequest.Parser, MessageFrame.DefaultMaxSize, CancellationToken.None);

    protected override void Prepare()
    {
        var request = new ContainerAllocateRequest();
        foreach (var device in Node.Devices)
        {
            request.DeviceIds.Add(device.Uuid);
            _list.Devices.Add(new Device
            {
                Id = device.Uuid,
                Health = "Healthy",
                Topology = new TopologyInfo { Nodes = { new NumaNode { Id = device.NumaNode ?? 0 } } },
            });
            foreach (var node in device.DeviceNodes)
                _container.Devices.Add(new DeviceSpec { ContainerPath = node.Path, HostPath = node.Path, Permissions = "rw" });
        }

        _answer.ContainerResponses.Add(_container);
        var bytes = new ArrayBufferWriter<byte>();
        MessageFrame.Write(bytes, new AllocateRequest { ContainerRequests = { request } });
        _request = bytes.WrittenSpan.ToArray();
    }
}
