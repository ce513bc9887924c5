using System.Net.Sockets;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

/// <summary>Scrapes with the Pods that hold the cards, and with kubelets that do not tell.</summary>
[CancelAfter(60_000)]
public sealed class PodLabelsTests : IAsyncDisposable
{
    private const string Up = "furiosa_npu_pod_resources_up 1";
    private const string Down = "furiosa_npu_pod_resources_up 0";

    private readonly NpuScrapeHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Test]
    public async Task The_gauges_of_a_card_name_the_Pod_that_holds_it(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        _host.Host.AddWarboy(1);
        _host.Kubelet.Add("train", "main", ("beta.furiosa.ai/npu", [Uuid(1)]));
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        var series = await _host.ScrapeAsync(token);

        Assert.That(Of(series, "furiosa_npu_alive"), Is.EqualTo(
        [
            $$"""furiosa_npu_alive{arch="warboy",container="main",device="npu1",namespace="default",pci_bus_id="0000:01:00.0",pod="train",uuid="{{Uuid(1)}}"} 1""",
            $$"""furiosa_npu_alive{arch="warboy",device="npu0",pci_bus_id="0000:00:00.0",uuid="{{Uuid(0)}}"} 1""",
        ]));
        Assert.That(series, Does.Contain(Up).And.Some.StartsWith("furiosa_npu_allocation_info{"));
        Assert.That(Of(series, "furiosa_npu_error"), Has.None.Contains("train"));
    }

    [Test]
    public async Task Without_pod_labels_only_the_join_series_name_Pods(CancellationToken token)
    {
        _host.Options.PodLabels = false;
        _host.Host.AddWarboy(0);
        _host.Kubelet.Add("train", "main", ("beta.furiosa.ai/npu", [Uuid(0)]));
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        var series = await _host.ScrapeAsync(token);

        Assert.That(series.Where(line => line.Contains("train")), Is.All.StartsWith("furiosa_npu_allocation_info{").And.Exactly(1).Items);
    }

    [Test]
    public async Task With_Pods_left_out_the_kubelet_is_not_asked(CancellationToken token)
    {
        (_host.Options.Pods, _host.Options.PodLabels) = (false, false);
        _host.Host.AddWarboy(0);
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        var series = await _host.ScrapeAsync(token);

        Assert.That((_host.Kubelet.Calls, Of(series, "furiosa_npu_alive").Length), Is.EqualTo((0, 1)));
        Assert.That(series, Has.None.Contains("pod_resources_up").And.None.Contains("allocation"));
    }

    [Test]
    public async Task No_series_is_doubled_where_a_card_is_shared(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        _host.Kubelet.Add("train", "main", ("beta.furiosa.ai/npu", [$"{Uuid(0)}_cores_0"]));
        _host.Kubelet.Add("serve", "main", ("beta.furiosa.ai/npu", [$"{Uuid(0)}_cores_1"]));
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        var series = await _host.ScrapeAsync(token);

        Assert.That(Of(series, "furiosa_npu_hw_power"), Has.Exactly(6).Items.And.None.Contains("pod="));
        Assert.That(Of(series, "furiosa_npu_allocation_info"), Has.Exactly(2).Items);
    }

    [Test]
    public async Task A_kubelet_that_hangs_delays_the_cards_no_longer_than_its_own_deadline(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        await _host.Kubelet.StartAsync(token, isHanging: true);
        await _host.StartAsync(token);

        var scrape = _host.ScrapeAsync(token);
        await UntilAsync(() => _host.Kubelet.Calls > 0, token);
        _host.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.That(await scrape, Does.Contain(Down).And.Some.StartsWith("furiosa_npu_alive{").And.None.StartsWith("furiosa_npu_allocation"));
        Assert.That(_host.Warnings.Single(), Does.Contain("00:00:02"));
    }

    [Test]
    public async Task A_kubelet_that_has_no_v1_has_one_deadline_for_both_versions(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        _host.Kubelet.RefusedAfter = () => _host.Time.Advance(TimeSpan.FromSeconds(1.5));
        await _host.Kubelet.StartAsync(token, "v1alpha1", isHanging: true);
        await _host.StartAsync(token);

        var scrape = _host.ScrapeAsync(token);
        await UntilAsync(() => _host.Kubelet.Calls > 0, token);
        _host.Time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.That(await scrape, Does.Contain(Down).And.Some.StartsWith("furiosa_npu_alive{"));
    }

    [Test]
    public async Task A_socket_that_is_not_there_is_logged_once_and_found_once_it_is(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        await _host.StartAsync(token);

        var before = await _host.ScrapeAsync(token);
        await _host.ScrapeAsync(token);
        await _host.Kubelet.StartAsync(token);
        await _host.ScrapeUntilAsync(series => series.Contains(Up), token);

        Assert.That(before, Does.Contain(Down).And.Some.StartsWith("furiosa_npu_alive{"));
        Assert.That(_host.Warnings.Single(), Does.Contain(_host.Kubelet.SocketPath));
    }

    [Test]
    public async Task A_socket_that_refuses_is_told(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        using var deaf = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint(_host.Kubelet.SocketPath));
        await _host.StartAsync(token);

        await AssertDownAsync(token);
    }

    [Test]
    public async Task A_socket_that_answers_garbage_is_told(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_host.Kubelet.SocketPath));
        listener.Listen();
        var answering = AnswerGarbageAsync(listener, token);
        await _host.StartAsync(token);

        await AssertDownAsync(token);
        listener.Dispose();
        await answering;
    }

    [Test]
    public async Task A_message_that_is_none_is_told(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        _host.Kubelet.RawPod = [0x0a, 0xff, 0xff, 0xff, 0x7f, 0x01];
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        await AssertDownAsync(token);
    }

    [Test]
    public async Task A_message_of_20_MB_is_told(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        for (var pod = 0; pod < 20; pod++)
            _host.Kubelet.Add($"pod-{pod}", "main", ("beta.furiosa.ai/npu", [new string('A', 1 << 20)]));

        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        await AssertDownAsync(token);
    }

    [Test]
    public async Task Names_with_quotes_backslashes_and_line_feeds_stay_within_their_labels(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        _host.Kubelet.Add("a\"b\\c\nd", "main", ("beta.furiosa.ai/npu", [Uuid(0)]));
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        Assert.That(Of(await _host.ScrapeAsync(token), "furiosa_npu_alive").Single(), Does.Contain(@"pod=""a\""b\\c\nd"","));
    }

    [Test]
    public async Task Names_that_are_no_UTF_8_leave_the_cards_alone(CancellationToken token)
    {
        _host.Host.AddWarboy(0);
        // A Pod of the name FF FE.
        _host.Kubelet.RawPod = [0x0a, 0x02, 0xff, 0xfe];
        await _host.Kubelet.StartAsync(token);
        await _host.StartAsync(token);

        Assert.That(await _host.ScrapeAsync(token), Has.Some.StartsWith("furiosa_npu_alive{"));
    }

    private async Task AssertDownAsync(CancellationToken token)
    {
        var first = await _host.ScrapeAsync(token);
        var second = await _host.ScrapeAsync(token);

        Assert.That((string[][])[first, second], Is.All.Contains(Down).And.All.Some.StartsWith("furiosa_npu_alive{"));
        Assert.That(_host.Warnings, Has.Exactly(1).Items);
    }

    private static async Task AnswerGarbageAsync(Socket listener, CancellationToken token)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptAsync(token);
                await connection.SendAsync(new byte[1000], token);
            }
        }
        catch (SocketException)
        {
            // The listener was closed.
        }
        catch (ObjectDisposedException)
        {
            // Likewise.
        }
    }

    private static async Task UntilAsync(Func<bool> condition, CancellationToken token)
    {
        while (!condition())
        {
            token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Uuid(int index) => $"1B2E6C4D-0000-4A7F-9C31-0000000000{index:X2}";

    private static string[] Of(string[] series, string metric) =>
        [.. series.Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal))];
}
