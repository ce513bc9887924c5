using Google.Protobuf;
using NpuFeatureDiscovery.DevicePlugin.V1Beta1;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Kubelet;

[CancelAfter(30_000)]
public sealed class CallTests : FakeKubeletTests
{
    [Test]
    public async Task The_answer_to_Allocate_is_shown_as_it_was_given(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        plugin.OnAllocate = _ => new()
        {
            ContainerResponses =
            {
                new ContainerAllocateResponse
                {
                    Envs = { ["NPU_DEVNAME"] = "npu0" },
                    Devices = { new DeviceSpec { HostPath = "/dev/npu0", ContainerPath = "/dev/npu", Permissions = "rw" } },
                    Mounts = { new Mount { HostPath = "/sys/class", ContainerPath = "/sys/x", ReadOnly = true } },
                    Annotations = { ["alpha.furiosa.ai/npu.devname"] = "npu0" },
                    CdiDevices = { new CdiDevice { Name = "furiosa.ai/npu=0" } },
                },
            },
        };

        var response = await kubelet.AllocateAsync(Npu, ["npu0"], token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.Envs, Is.EqualTo(new Dictionary<string, string> { ["NPU_DEVNAME"] = "npu0" }));
            Assert.That(response.Devices, Is.EqualTo([new DeviceNode("/dev/npu0", "/dev/npu", "rw")]));
            Assert.That(response.Mounts, Is.EqualTo([new BindMount("/sys/class", "/sys/x", IsReadOnly: true)]));
            Assert.That(response.Annotations,
                Is.EqualTo(new Dictionary<string, string> { ["alpha.furiosa.ai/npu.devname"] = "npu0" }));
            Assert.That(response.CdiDevices, Is.EqualTo(["furiosa.ai/npu=0"]));
        }
    }

    [Test]
    public async Task Several_containers_are_allocated_in_one_call(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        plugin.OnAllocate = request => new()
        {
            ContainerResponses =
            {
                request.ContainerRequests.Select(container => new ContainerAllocateResponse
                {
                    Envs = { ["IDS"] = string.Join(",", container.DeviceIds) },
                }),
            },
        };

        var responses = await kubelet.AllocateContainersAsync(Npu, [["npu0", "npu1"], []], token);

        Assert.That(responses.Select(response => response.Envs["IDS"]), Is.EqualTo(["npu0,npu1", ""]));
    }

    [Test]
    public async Task An_answer_for_another_number_of_containers_is_an_error(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        plugin.OnAllocate = _ => new() { ContainerResponses = { new ContainerAllocateResponse(), new ContainerAllocateResponse() } };

        Assert.That(() => kubelet.AllocateAsync(Npu, ["npu0"], token),
            Throws.TypeOf<AdmissionException>().With.Message.Contains("2 containers"));
    }

    [Test]
    public async Task A_call_that_the_plugin_fails_has_its_status_and_message(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        plugin.OnAllocate = _ => throw new GrpcException(GrpcStatusCode.NotFound, "'npu9' is not known");

        await kubelet.AllocateAsync(Npu, ["npu9"], token).ExpectAsync(GrpcStatusCode.NotFound, Is.EqualTo("'npu9' is not known"));
    }

    [Test]
    public async Task The_plugin_is_asked_what_it_prefers(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        plugin.OnPrefer = request => new()
        {
            ContainerResponses =
            {
                new ContainerPreferredAllocationResponse
                {
                    DeviceIds =
                    {
                        request.ContainerRequests.Single().MustIncludeDeviceIds,
                        $"{request.ContainerRequests[0].AllocationSize}",
                    },
                },
            },
        };

        Assert.That(await kubelet.GetPreferredAllocationAsync(Npu, ["npu0", "npu1"], ["npu1"], 2, token),
            Is.EqualTo(["npu1", "2"]));
    }

    [Test]
    public async Task The_plugin_is_asked_for_its_options(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        plugin.OnOptions = () => Task.FromResult(new V1Beta1.DevicePluginOptions { PreStartRequired = true });

        Assert.That(await kubelet.GetDevicePluginOptionsAsync(Npu, token),
            Is.EqualTo(new PluginOptions(PreStartRequired: true, GetPreferredAllocationAvailable: false)));
    }

    [Test]
    public async Task Bytes_that_are_no_message_are_sent_as_they_are(CancellationToken token)
    {
        var (kubelet, _) = await StartAsync(token);

        await kubelet.CallAsync(Npu, "Allocate", new byte[] { 0x0a, 0xff }, token)
            .ExpectAsync(GrpcStatusCode.Internal, Does.Contain("not a AllocateRequest"));
    }

    [Test]
    public async Task Bytes_of_a_message_are_answered_with_bytes(CancellationToken token)
    {
        var (kubelet, plugin) = await StartAsync(token);
        var response = new AllocateResponse { ContainerResponses = { new ContainerAllocateResponse { Envs = { ["A"] = "b" } } } };
        plugin.OnAllocate = _ => response;

        var answer = await kubelet.CallAsync(Npu, "Allocate", new AllocateRequest().ToByteArray(), token);

        Assert.That(AllocateResponse.Parser.ParseFrom(answer), Is.EqualTo(response));
    }

    [Test]
    public async Task A_kubelet_that_does_not_run_calls_nobody(CancellationToken token)
    {
        var (kubelet, _) = await StartAsync(token);
        await kubelet.StopAsync();

        Assert.That(() => kubelet.AllocateAsync(Npu, ["npu0"], token), Throws.InvalidOperationException);
    }

    private async Task<(FakeKubelet Kubelet, ScriptedPlugin Plugin)> StartAsync(CancellationToken token)
    {
        var kubelet = await StartKubeletAsync(KubeletVersion.V1_20, token);
        return (kubelet, await StartPluginAsync(kubelet, Healthy("npu0", "npu1"), token));
    }
}
