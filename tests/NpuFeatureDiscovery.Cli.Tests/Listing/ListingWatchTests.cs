using NpuFeatureDiscovery.Cli.Listing;
using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Cli.Tests.Listing;

[CancelAfter(30_000)]
public sealed class ListingWatchTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly CancellationTokenSource _ended = new();

    public void Dispose()
    {
        _ended.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Test]
    public async Task Only_what_has_changed_is_written_anew()
    {
        await WatchAsync(() => new("one\n", ["a"]), () => new("one\n", ["a"]), () => new("two\n", ["a", "b"]), () => new("one\n", []));

        Assert.That(_output.ToString(), Is.EqualTo("one\ntwo\none\n"));
        Assert.That(_error.ToString(), Is.EqualTo("npu-feature-discovery: a\nnpu-feature-discovery: b\n"));
    }

    [Test]
    public async Task What_fails_later_is_told_once_and_the_list_comes_back_with_what_it_is_of()
    {
        await WatchAsync(() => new("one\n", []), Fail, Fail, () => new("one\n", []));

        Assert.That(_output.ToString(), Is.EqualTo("one\none\n"));
        Assert.That(_error.ToString(), Is.EqualTo("npu-feature-discovery: away\n"));
    }

    [Test]
    public void What_fails_at_the_start_ends_it() =>
        Assert.That(() => WatchAsync(Fail), Throws.TypeOf<HostUnreadableException>());

    [Test]
    public async Task Before_the_interval_has_passed_nothing_is_read_again(CancellationToken token)
    {
        using var listing = new ScriptedListing([() => new("one\n", []), () => new("two\n", [])], () => { });
        var watch = Watch(listing).RunAsync(Interval, _ended.Token);

        _time.Advance(Interval - TimeSpan.FromTicks(1));

        Assert.That(listing.Calls, Is.EqualTo(1));
        await _ended.CancelAsync();
        await watch.WaitAsync(token);
    }

    /// <summary>Lets the interval pass while each list is made, and ends with the last.</summary>
    private async Task WatchAsync(params Func<ListedText>[] lists)
    {
        using var listing = new ScriptedListing(lists, () => _time.Advance(Interval), _ended.Cancel);
        await Watch(listing).RunAsync(Interval, _ended.Token);
    }

    private ListingWatch Watch(IListing listing) => new(listing, _output, _error, new OutputDevice(null), _time);

    private static ListedText Fail() => throw new HostUnreadableException("away");

    private sealed class ScriptedListing(Func<ListedText>[] lists, Action listed, Action? ended = null) : IListing
    {
        public int Calls { get; private set; }

        public Task<ListedText> ReadAsync(CancellationToken cancellationToken)
        {
            var list = lists[Calls++];
            listed();
            if (Calls == lists.Length)
                ended?.Invoke();

            return Task.FromResult(list());
        }

        public void Dispose()
        {
        }
    }
}
