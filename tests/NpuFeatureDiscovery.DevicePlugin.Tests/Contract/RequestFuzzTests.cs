using Google.Protobuf;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Fuzzing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>Whatever stands in the place of the kubelet's requests.</summary>
[CancelAfter(120_000)]
public sealed class RequestFuzzTests
{
    private static readonly FuzzTarget Target = new("device-plugin-request")
    {
        Samples =
        [
            new ContainerAllocateRequest { DeviceIds = { "1B2E6C4D-0000-4A7F-9C31-000000000000" } }.ToByteArray(),
            new ContainerAllocateRequest { DeviceIds = { "A", "B_cores_0-1" } }.ToByteArray(),
            new ContainerPreferredAllocationRequest
            {
                AvailableDeviceIds = { "1B2E6C4D-0000-4A7F-9C31-000000000000", "1B2E6C4D-0000-4A7F-9C31-000000000001" },
                MustIncludeDeviceIds = { "1B2E6C4D-0000-4A7F-9C31-000000000001" },
                AllocationSize = 1,
            }.ToByteArray(),
            new ContainerPreferredAllocationRequest { AvailableDeviceIds = { "A" }, AllocationSize = int.MaxValue }.ToByteArray(),
            new ContainerPreferredAllocationRequest { AvailableDeviceIds = { "A" }, AllocationSize = int.MinValue }.ToByteArray(),
        ],
        Words = ["\n\u0000", "\u0012\u0000", "\u0018\u0001", "\n\u0024", "_cores_0", "\u000b", "\u000c"],
        MaxSize = DevicePluginServer.MaxRequestSize,
        BytesPerByte = 300,
    };

    [Test]
    public void A_message_takes_no_more_memory_than_the_process_has() => Fuzz.Check(Target with { Rounds = 500 }, input =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Parse(AllocateRequest.Parser, input);
        var between = GC.GetAllocatedBytesForCurrentThread();
        Parse(PreferredAllocationRequest.Parser, input);
        var most = Math.Max(between - before, GC.GetAllocatedBytesForCurrentThread() - between);
        Fuzz.Require(most < 40 << 20, $"It takes {most} bytes, and the heap has 64 MiB.");
    });

    [Test]
    public async Task A_request_is_answered_or_refused_and_the_next_is_served(CancellationToken token)
    {
        await using var plugin = new PluginUnderTest();
        plugin.Host.AddWarboy(0);
        plugin.Host.AddWarboy(1);
        await using var kubelet = await plugin.StartKubeletAsync(token);
        await plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 2, token);
        using var channel = new GrpcChannel(SocketOf(plugin), TimeProvider.System);

        Fuzz.Check(Target with { MaxSize = 64 * 1024, Rounds = 100 }, input =>
        {
            // Its only field has the number and the wire type of the requests of containers.
            var request = new Google.Protobuf.WellKnownTypes.BytesValue { Value = ByteString.CopyFrom(input) };
            foreach (var method in (string[])["Allocate", "GetPreferredAllocation"])
            {
                try
                {
                    _ = channel.UnaryAsync(
                        $"/v1beta1.DevicePlugin/{method}", request, Empty.Parser, TimeSpan.FromSeconds(30), token).GetAwaiter().GetResult();
                }
                catch (GrpcException exception)
                {
                    Fuzz.Require(
                        exception.StatusCode is GrpcStatusCode.InvalidArgument or GrpcStatusCode.Internal,
                        $"{method}: {exception.StatusCode}: {exception.Message}");
                }
            }
        });

        Assert.That((await kubelet.AdmitAsync(PluginUnderTest.Resource, 1, token)).DeviceIds, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_request_larger_than_any_of_a_kubelet_is_not_read(CancellationToken token)
    {
        await using var plugin = new PluginUnderTest();
        plugin.Host.AddWarboy(0);
        await using var kubelet = await plugin.StartKubeletAsync(token);
        await plugin.StartAsync(token);
        await PluginUnderTest.OffersAsync(kubelet, 1, token);
        using var channel = new GrpcChannel(SocketOf(plugin), TimeProvider.System);
        var request = new AllocateRequest();
        for (var count = 0; count <= DevicePluginServer.MaxRequestSize; count += 2)
            request.ContainerRequests.Add(new ContainerAllocateRequest());

        var call = channel.UnaryAsync(
            "/v1beta1.DevicePlugin/Allocate", request, AllocateResponse.Parser, TimeSpan.FromSeconds(30), token);

        Assert.That(async () => await call, Throws.TypeOf<GrpcException>()
            .With.Property(nameof(GrpcException.StatusCode)).EqualTo(GrpcStatusCode.ResourceExhausted));
    }

    private static string SocketOf(PluginUnderTest plugin) =>
        Directory.GetFiles(plugin.Options.CurrentValue.PluginDirectory)
            .Single(path => Path.GetFileName(path) != "kubelet.sock" && UnixSocket.Exists(path));

    private static void Parse<T>(MessageParser<T> parser, byte[] input) where T : IMessage<T>
    {
        try
        {
            _ = parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            // It is none.
        }
    }
}
