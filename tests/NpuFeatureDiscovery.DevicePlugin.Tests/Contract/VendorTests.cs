using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.DevicePlugin.Tests.Resources;
using NpuFeatureDiscovery.Grpc;
using NpuFeatureDiscovery.Testing.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Contract;

/// <summary>What the library makes of any vendor's source and allocator.</summary>
[CancelAfter(60_000)]
public sealed class VendorTests : IAsyncDisposable
{
    private const string Resource = VendorUnderTest.Resource;
    private const string HealthCheck = "device-plugin:" + Resource;

    private readonly VendorUnderTest _vendor = new();

    public ValueTask DisposeAsync() => _vendor.DisposeAsync();

    [TestCaseSource(typeof(KubeletVersion), nameof(KubeletVersion.All))]
    public async Task A_resource_is_registered_with_a_socket_of_its_name(KubeletVersion version, CancellationToken token)
    {
        await using var kubelet = await _vendor.StartKubeletAsync(version, token);
        await _vendor.StartAsync(token);

        _vendor.Source.List(new PluginDevice("a"), new PluginDevice("b") { State = PluginDeviceState.Unhealthy });
        var state = await VendorUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(state.Registrations.Select(registration => (registration.ResourceName, registration.Endpoint)),
            Is.EqualTo([(Resource, "example.com-gadget")]));
        Assert.That(state.Resource(Resource).Capacity, Is.EqualTo(2));
    }

    [Test]
    public async Task A_source_that_tells_nothing_leaves_the_resource_unregistered_and_not_ready(CancellationToken token)
    {
        await using var kubelet = await _vendor.StartKubeletAsync(KubeletVersion.V1_20, token);
        await _vendor.StartAsync(token);

        var untold = (await _vendor.CheckAsync(token)).Entries[HealthCheck];
        _vendor.Source.Fail("The bus is gone.");
        await _vendor.Log.WaitForAsync(entry => entry.Message.Contains("The bus is gone."), token);
        var failed = (await _vendor.CheckAsync(token)).Entries[HealthCheck];

        Assert.That((untold.Status, untold.Description), Is.EqualTo(
            (HealthStatus.Unhealthy, "its source has not told of its devices yet")));
        Assert.That(failed.Description, Is.EqualTo("its source of devices failed: The bus is gone."));
        Assert.That(kubelet.State.Registrations, Is.Empty);
    }

    [Test]
    public async Task An_empty_list_is_a_registered_resource(CancellationToken token)
    {
        await using var kubelet = await _vendor.StartKubeletAsync(KubeletVersion.V1_20, token);
        await _vendor.StartAsync(token);

        _vendor.Source.List();

        await VendorUnderTest.OffersAsync(kubelet, 0, token);
    }

    [Test]
    public async Task A_source_that_fails_costs_no_Pod_its_devices_and_is_told_by_the_health_check(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token, new PluginDevice("a"));
        await ReadyAsync(token);

        _vendor.Source.Fail("The bus is gone.");
        await _vendor.Log.WaitForAsync(entry => entry.Message.Contains("The bus is gone."), token);
        var report = await _vendor.CheckAsync(token);

        Assert.That(report.Entries[HealthCheck].Description, Is.EqualTo("its source of devices failed: The bus is gone."));
        Assert.That(kubelet.State.Resource(Resource).Allocatable, Is.EqualTo(1));
        _vendor.Source.List(new PluginDevice("a"), new PluginDevice("b"));
        await VendorUnderTest.OffersAsync(kubelet, 2, token);
        await ReadyAsync(token);
    }

    [Test]
    public async Task The_kubelet_is_told_only_of_what_changes_for_it(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token, new PluginDevice("a"), new PluginDevice("b"));

        _vendor.Source.List(new PluginDevice("b"), new PluginDevice("a") { Name = "another" });
        _vendor.Source.List(new PluginDevice("a"), new PluginDevice("a"), new PluginDevice("b"));
        _vendor.Source.List(new PluginDevice("a"));
        await VendorUnderTest.OffersAsync(kubelet, 1, token);

        Assert.That(kubelet.State.ListsOf(Resource).Select(list => list.Devices.Count), Is.EqualTo([2, 1]));
    }

    [Test]
    public async Task Numa_nodes_are_told_of_all_devices_or_of_none(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token, new PluginDevice("a") { NumaNodes = [1, 0] });
        var known = kubelet.State.Resource(Resource).Devices;
        _vendor.Source.List(new PluginDevice("a") { NumaNodes = [0, 1] }, new PluginDevice("b") { NumaNodes = [-1] });
        var mixed = (await VendorUnderTest.OffersAsync(kubelet, 2, token)).Resource(Resource).Devices;

        Assert.That(known.Single().NumaNodes, Is.EqualTo([0, 1]));
        Assert.That(mixed.Select(device => device.NumaNodes), Is.All.Null);
    }

    [Test]
    public async Task Of_too_many_devices_those_are_offered_that_fit_into_a_message(CancellationToken token)
    {
        await using var kubelet = await _vendor.StartKubeletAsync(KubeletVersion.V1_36, token);
        await _vendor.StartAsync(token);

        _vendor.Source.List([.. Enumerable.Range(0, 100_000).Select(index => new PluginDevice($"gadget-{index:D56}"))]);
        var offered = await kubelet.WaitForAsync(state => state.Resource(Resource).Allocatable > 0, token);

        Assert.That(offered.Resource(Resource).Allocatable, Is.InRange(45_000, 60_000), "4 MiB of them");
    }

    [Test]
    public async Task A_container_gets_all_that_the_allocator_says(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token, new PluginDevice("a"));
        _vendor.Allocator.OnAllocate = (_, _) => ValueTask.FromResult(new ContainerAllocation
        {
            Environment = new Dictionary<string, string> { ["GADGETS"] = "a" },
            Annotations = new Dictionary<string, string> { ["example.com/gadgets"] = "a" },
            DeviceNodes = [new("/dev/null"), new("/dev/zero") { ContainerPath = "/dev/gadget", Permissions = "rwm" }],
            Mounts = [new("/etc/gadget"), new("/var/lib/gadget") { ContainerPath = "/gadget", IsReadOnly = false }],
            CdiDevices = ["example.com/gadget=a"],
        });

        var response = (await kubelet.AdmitAsync(Resource, 1, token)).Response;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.Envs, Is.EquivalentTo(new Dictionary<string, string> { ["GADGETS"] = "a" }));
            Assert.That(response.Annotations, Is.EquivalentTo(new Dictionary<string, string> { ["example.com/gadgets"] = "a" }));
            Assert.That(response.Devices, Is.EqualTo(
                (DeviceNode[])[new("/dev/null", "/dev/null", "rw"), new("/dev/zero", "/dev/gadget", "rwm")]));
            Assert.That(response.Mounts, Is.EqualTo(
                (BindMount[])[new("/etc/gadget", "/etc/gadget", true), new("/var/lib/gadget", "/gadget", false)]));
            Assert.That(response.CdiDevices, Is.EqualTo(["example.com/gadget=a"]));
        }
    }

    [Test]
    public async Task The_text_of_a_refusal_reaches_the_kubelet(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token, new PluginDevice("a"));
        _vendor.Allocator.OnAllocate = (_, _) => throw new AllocationException("The gadget is in use by hand; unplug its handle.");

        var refusal = await Assert.ThrowsAsync<GrpcException>(() => kubelet.AdmitAsync(Resource, 1, token));

        Assert.That(refusal!.Message, Does.Contain("The gadget is in use by hand; unplug its handle."));
        Assert.That(refusal.StatusCode, Is.EqualTo(GrpcStatusCode.FailedPrecondition));
    }

    [Test]
    public async Task An_allocator_that_hangs_costs_the_Pod_and_not_the_node(CancellationToken token)
    {
        await using var kubelet = await StartAsync(
            options => options.AllocationDeadline = TimeSpan.FromMilliseconds(50), token, new PluginDevice("a"));
        _vendor.Allocator.OnAllocate = async (_, _) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return new ContainerAllocation();
        };

        var refusal = await Assert.ThrowsAsync<GrpcException>(() => kubelet.AdmitAsync(Resource, 1, token));

        Assert.That(refusal!.Message, Does.Contain("'a' of 'example.com/gadget' could not be made ready within 0.05 s"));
    }

    [Test]
    public async Task Its_sockets_go_when_it_ends_also_over_the_kubelet_s_restarts(CancellationToken token)
    {
        await using var kubelet = await StartAsync(token, new PluginDevice("a"));
        await kubelet.RestartAsync(token);
        await VendorUnderTest.OffersAsync(kubelet, 1, token);

        await _vendor.StopAsync(token);

        Assert.That(_vendor.FilesOfTheFolder(), Has.None.StartsWith("example.com"));
    }

    [Test]
    public async Task A_program_may_serve_several_resources_made_of_its_services(CancellationToken token)
    {
        await using var kubelet = await _vendor.StartKubeletAsync(KubeletVersion.V1_36, token);
        await _vendor.StartAsync(token, services => services
            .AddSingleton(new ScriptedAllocator())
            .AddDevicePlugin<OneDevice, ScriptedAllocator>("example.com/other", kubelet => kubelet.SocketName = "other"));
        _vendor.Source.List(new PluginDevice("a"));

        await VendorUnderTest.OffersAsync(kubelet, 1, token);
        var state = await VendorUnderTest.OffersAsync(kubelet, 1, token, "example.com/other");

        Assert.That(state.Registrations.Select(registration => registration.Endpoint), Is.EquivalentTo(["example.com-gadget", "other"]));
        Assert.That((await _vendor.CheckAsync(token)).Entries.Keys, Is.EquivalentTo([HealthCheck, "device-plugin:example.com/other"]));
    }

    [Test]
    public void A_resource_is_named_by_the_kubelet_s_rule_and_added_once()
    {
        var services = new ServiceCollection().AddDevicePlugin(Resource, _vendor.Source, _vendor.Allocator);

        Assert.That(
            () => services.AddDevicePlugin("gadget", _vendor.Source, _vendor.Allocator),
            Throws.ArgumentException.With.Message.Contains("'gadget'").And.Message.Contains("'/'"));
        Assert.That(
            () => services.AddDevicePlugin(Resource, _vendor.Source, _vendor.Allocator),
            Throws.ArgumentException.With.Message.Contains("has a device plugin already"));
    }

    [Test]
    public void Options_that_cannot_be_are_told_at_the_start_with_the_resource(CancellationToken token)
    {
        var refusal = Assert.ThrowsAsync<OptionsValidationException>(() => _vendor.StartAsync(token, services => services
            .Configure<KubeletOptions>(Resource, kubelet =>
            {
                kubelet.SocketName = "a/b";
                kubelet.AllocationDeadline = TimeSpan.Zero;
            }))).Result;

        Assert.That(refusal!.Failures, Is.EqualTo(
        [
            "Device plugin of 'example.com/gadget': SocketName is 'a/b': it has to be a file name, without '/'.",
            "Device plugin of 'example.com/gadget': AllocationDeadline is 00:00:00: it has to be longer than zero, and at most an hour.",
        ]));
    }

    private Task<FakeKubelet> StartAsync(CancellationToken token, params IReadOnlyList<PluginDevice> devices) =>
        StartAsync(_ => { }, token, devices);

    private async Task<FakeKubelet> StartAsync(
        Action<KubeletOptions> configure, CancellationToken token, params IReadOnlyList<PluginDevice> devices)
    {
        var kubelet = await _vendor.StartKubeletAsync(KubeletVersion.V1_20, token);
        await _vendor.StartAsync(token, services => services.Configure(Resource, configure));
        _vendor.Source.List(devices);
        await VendorUnderTest.OffersAsync(kubelet, devices.Count, token);
        return kubelet;
    }

    private Task ReadyAsync(CancellationToken token) =>
        _vendor.Log.WaitForAsync(entry => entry.Message.EndsWith("the kubelet watches the devices", StringComparison.Ordinal), token);

    private sealed class OneDevice : IDeviceSource
    {
        public async IAsyncEnumerable<IReadOnlyList<PluginDevice>> WatchAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return [new PluginDevice("only")];
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
