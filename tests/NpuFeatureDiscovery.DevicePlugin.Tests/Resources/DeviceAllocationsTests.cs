using Microsoft.Extensions.Logging;
using NpuFeatureDiscovery.DevicePlugin.Resources;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Resources;

[CancelAfter(30_000)]
public sealed class DeviceAllocationsTests : IDisposable
{
    private const string Resource = "example.com/gadget";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private static readonly DateTimeOffset Since = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DeviceFeed _feed = new();
    private readonly ScriptedAllocator _allocator = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LogSink _log = new();
    private readonly DeviceAllocations _allocations;

    public DeviceAllocationsTests()
    {
        _allocations = new DeviceAllocations(Resource, _feed, _allocator, Deadline, _time, _log);
        _feed.Publish(new DeviceList([new("a"), new("b"), new("c") { NumaNodes = [1] }, new("d") { NumaNodes = [1] }]));
    }

    public void Dispose() => _log.Dispose();

    [Test]
    public async Task The_allocator_gets_the_devices_as_they_are_listed_in_the_order_of_the_kubelet(CancellationToken token)
    {
        Gadget[] gadgets = [new("x", 1), new("y", 2)];
        _feed.Publish(new DeviceList(gadgets));

        await _allocations.AllocateAsync([["y", "x"]], token);

        Assert.That(_allocator.Calls.Single(), Is.EqualTo([gadgets[1], gadgets[0]]));
    }

    [Test]
    public async Task Each_container_is_answered_in_order(CancellationToken token)
    {
        _allocator.OnAllocate = (devices, _) => ValueTask.FromResult(new ContainerAllocation { CdiDevices = [devices[0].Id] });

        var answers = await _allocations.AllocateAsync([["b"], ["a"]], token);

        Assert.That(answers.Select(answer => answer.CdiDevices.Single()), Is.EqualTo(["b", "a"]));
    }

    [TestCase("9", "'9' is none of 'example.com/gadget'", "there are a, b, c, d", "Create the Pod anew")]
    [TestCase("", "''", "Create the Pod anew")]
    [TestCase("a,a", "'a' is asked for more than once")]
    [TestCase("a;a", "'a' is asked for more than once")]
    public void A_wrong_request_is_refused_before_the_allocator_is_asked(string ids, params string[] words)
    {
        var refusal = Refusal([.. ids.Split(';').Select(container => container.Split(','))]);

        Assert.That(refusal.IsRequestWrong, Is.True);
        Assert.That(_allocator.Calls, Is.Empty);
        foreach (var word in words)
            Assert.That(refusal.Message, Does.Contain(word));
    }

    [Test]
    public void A_request_without_ids_is_refused() => Assert.That(Refusal([[]]).Message, Does.Contain("names no device"));

    [Test]
    public void An_unhealthy_device_is_refused_with_name_reason_and_time()
    {
        Offer(new PluginDevice("a") { State = PluginDeviceState.Unhealthy, Name = "gadget0", Reason = "its fan stands still", Since = Since });

        var refusal = Refusal([["a"]]);

        Assert.That((refusal.IsRequestWrong, _allocator.Calls.Count), Is.EqualTo((false, 0)));
        Assert.That(refusal.Message, Is.EqualTo(
            "Device 'a' (gadget0) of 'example.com/gadget' is unhealthy since 2026-01-01 00:00:00Z: its fan stands still. "
            + "Create the Pod anew to get another, and have the device looked at."));
    }

    [Test]
    public void A_disabled_device_is_refused_with_the_reason()
    {
        Offer(new PluginDevice("a") { State = PluginDeviceState.Disabled, Reason = "it is in the block list" });

        Assert.That(Refusal([["a"]]).Message, Is.EqualTo(
            "Device 'a' of 'example.com/gadget' is disabled: it is in the block list. Create the Pod anew to get another, or enable it."));
    }

    [Test]
    public void The_text_of_a_refusal_is_the_allocator_s()
    {
        _allocator.OnAllocate = (_, _) => throw new AllocationException("The gadget is in use by hand; unplug its handle.");

        Assert.That(Refusal([["a"]]).Message, Is.EqualTo("The gadget is in use by hand; unplug its handle."));
    }

    [Test]
    public void An_allocator_that_fails_is_a_refusal_and_an_error_in_the_log()
    {
        _allocator.OnAllocate = (_, _) => throw new IOException("The bus is gone.");

        Assert.That(Refusal([["a", "b"]]).Message, Does.StartWith(
            "Devices 'a', 'b' of 'example.com/gadget' could not be made ready: The bus is gone."));
        Assert.That(_log.Messages(LogLevel.Error), Has.One.Contains(Resource));
    }

    [Test]
    public void An_allocator_that_answers_with_nothing_has_failed()
    {
        _allocator.OnAllocate = (_, _) => ValueTask.FromResult<ContainerAllocation>(null!);

        Assert.That(Refusal([["a"]]).Message, Does.Contain("answered with nothing"));
    }

    [TestCase(true, TestName = "An allocator that blocks is given up at the deadline")]
    [TestCase(false, TestName = "An allocator that waits is given up at the deadline and told so")]
    public async Task Deadlines(bool blocks, CancellationToken token)
    {
        var entered = new TaskCompletionSource();
        using var never = new ManualResetEventSlim();
        _allocator.OnAllocate = async (_, cancellation) =>
        {
            entered.SetResult();
            if (blocks)
                never.Wait(token);
            else
                await Task.Delay(Timeout.Infinite, cancellation);

            return new ContainerAllocation();
        };
        var allocating = _allocations.AllocateAsync([["a"]], token);
        await entered.Task.WaitAsync(token);

        _time.Advance(Deadline - TimeSpan.FromTicks(1));
        var isEarly = allocating.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));
        var refusal = await Assert.ThrowsAsync<AllocationException>(() => allocating);
        never.Set();

        Assert.That(isEarly, Is.False);
        Assert.That(refusal!.Message, Does.StartWith("Devices 'a' of 'example.com/gadget' could not be made ready within 5 s."));
    }

    [Test]
    public async Task A_kubelet_that_no_longer_waits_ends_the_allocation(CancellationToken token)
    {
        var entered = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        _allocator.OnAllocate = async (_, cancellation) =>
        {
            using var registration = cancellation.Register(ended.SetResult);
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            return new ContainerAllocation();
        };
        using var call = CancellationTokenSource.CreateLinkedTokenSource(token);
        var allocating = _allocations.AllocateAsync([["a"]], call.Token);
        await entered.Task.WaitAsync(token);

        await call.CancelAsync();

        await ended.Task.WaitAsync(token);
        Assert.That(() => allocating, Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("a b c", "", 2, "b", "b c", TestName = "What the allocator leaves open is chosen as by default")]
    [TestCase("a b c", "c", 2, "b a", "c b", TestName = "What must be included comes first")]
    [TestCase("a b", "", 2, "x b a", "b a", TestName = "What is not to choose from is left out")]
    [TestCase("a b", "", 2, "b b a", "b a", TestName = "No id is told twice")]
    [TestCase("a b c", "", 1, "c b", "c", TestName = "No more are told than are asked for")]
    [TestCase("a b c", "a c", 1, "b", "a", TestName = "No more either of what must be included")]
    [TestCase("a b", "", 5, "", "a b", TestName = "All are told where there are too few")]
    [TestCase("a b", "", -1, "a", "", TestName = "None is told where fewer than none are asked for")]
    [TestCase("a b c d", "", 2, "", "c d", TestName = "The default is those of one NUMA node")]
    public async Task Preference(
        string available, string mustInclude, int size, string preferred, string expected, CancellationToken token)
    {
        _allocator.OnPrefer = _ => Ids(preferred);

        Assert.That(await _allocations.PreferAsync(Ids(available), Ids(mustInclude), size, token), Is.EqualTo(Ids(expected)));
    }

    [Test]
    public async Task An_allocator_that_fails_to_advise_leaves_the_default(CancellationToken token)
    {
        _allocator.OnPrefer = _ => throw new IOException("no idea");

        Assert.That(await _allocations.PreferAsync(["d", "a", "c"], [], 2, token), Is.EqualTo(["c", "d"]));
        Assert.That(_log.Messages(LogLevel.Warning), Has.One.Contains(Resource));
    }

    [Test]
    public async Task An_allocator_that_advises_too_late_leaves_the_default(CancellationToken token)
    {
        var entered = new TaskCompletionSource();
        using var never = new ManualResetEventSlim();
        _allocator.OnPrefer = _ =>
        {
            entered.SetResult();
            never.Wait(token);
            return [];
        };
        var preferring = _allocations.PreferAsync(["d", "a", "c"], [], 2, token);
        await entered.Task.WaitAsync(token);

        _time.Advance(DeviceAllocations.PreferenceDeadline);
        var preferred = await preferring;
        never.Set();

        Assert.That(preferred, Is.EqualTo(["c", "d"]));
    }

    [Test]
    public async Task Any_advice_becomes_an_answer_of_exactly_as_many_as_can_be(CancellationToken token)
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var available = Ids("a b c d x").Where(_ => random.Next(2) == 0).ToArray();
            var mustInclude = available.Where(_ => random.Next(4) == 0).ToArray();
            var size = random.Next(0, 6);
            _allocator.OnPrefer = _ => [.. Ids("a b c d x y").Where(_ => random.Next(2) == 0)];

            var answer = await _allocations.PreferAsync(available, mustInclude, size, token);

            Assert.That(answer, Has.Count.EqualTo(Math.Min(size, available.Length)).And.Unique.And.SubsetOf(available));
            Assert.That(answer.Intersect(mustInclude).Count(), Is.EqualTo(Math.Min(size, mustInclude.Length)));
        }
    }

    private void Offer(PluginDevice device) => _feed.Publish(new DeviceList([device]));

    private AllocationException Refusal(IReadOnlyList<IReadOnlyList<string>> requests) =>
        Assert.ThrowsAsync<AllocationException>(() => _allocations.AllocateAsync(requests, CancellationToken.None)).Result!;

    private static string[] Ids(string ids) => ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed record Gadget(string Id, int Slot) : PluginDevice(Id);
}
