using NpuFeatureDiscovery.Testing;

namespace NpuFeatureDiscovery.Metrics.Tests.Npus;

/// <summary>Scrapes of cards whose files cannot be read.</summary>
[CancelAfter(60_000)]
public sealed class SensorErrorsTests : IAsyncDisposable
{
    private readonly NpuScrapeHost _host = new();

    public SensorErrorsTests() => (_host.Options.Pods, _host.Options.PodLabels) = (false, false);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Test]
    public async Task What_an_old_driver_lacks_is_no_error(CancellationToken token)
    {
        _host.Host.AddU250(0);
        await _host.StartAsync(token);

        await _host.ScrapeAsync(token);

        Assert.That(Errors(await _host.ScrapeAsync(token)), Is.Empty);
        Assert.That(_host.Warnings, Is.Empty);
    }

    [TestCase("a file that fails", "unreadable")]
    [TestCase("a folder", "unreadable")]
    [TestCase("a huge file", "unreadable")]
    [TestCase("a binary file", "malformed")]
    [TestCase("a text", "malformed")]
    [TestCase("several bad lines", "malformed")]
    public async Task A_sensor_that_fails_drops_its_own_series_and_counts_once_a_scrape(string kind, string reason, CancellationToken token)
    {
        Break(_host.Host.AddWarboy(0), kind);
        await _host.StartAsync(token);

        var series = await _host.ScrapeUntilAsync(series => Errors(series) is [var error] && !error.EndsWith(" 1"), token);

        // The counter is read at the same time as the cards, and so may tell of the scrape before.
        Assert.That(Errors(series).Single(), Is.AnyOf(
            $$"""npu_metrics_exporter_device_errors_total{device="npu0",reason="{{reason}}"} {{_host.Scrapes}}""",
            $$"""npu_metrics_exporter_device_errors_total{device="npu0",reason="{{reason}}"} {{_host.Scrapes - 1}}"""));
        Assert.That(series, Has.None.StartsWith("furiosa_npu_error{").And.Some.StartsWith("furiosa_npu_hw_power{"));
        Assert.That(series, Has.Some.Match("^furiosa_npu_alive{.* 1$"));
        Assert.That(_host.Warnings.Single(), Does.Contain("npu0").And.Contain("atr_error").And.Length.LessThan(1000));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_card_that_hangs_before_the_start_or_after_it_is_not_alive_and_counts_as_timeout(bool isBefore, CancellationToken token)
    {
        var card = _host.Host.AddWarboy(0);
        _host.Host.AddWarboy(1);
        if (isBefore)
            card.Hang("atr_error");

        await _host.StartAsync(token);
        await _host.ScrapeAsync(token);
        if (!isBefore)
            card.Hang("atr_error");

        var series = await _host.ScrapeUntilAsync(series => Errors(series).Length > 0, token);

        Assert.That(Errors(series).Single(), Does.StartWith("""npu_metrics_exporter_device_errors_total{device="npu0",reason="timeout"} """));
        Assert.That(series.Where(line => line.StartsWith("furiosa_npu_alive{") && line.Contains("npu0")).Single(), Does.EndWith(" 0"));
        Assert.That(series.Where(line => line.StartsWith("furiosa_npu_uptime{")).Single(), Does.Contain("npu1"));
        Assert.That(_host.Warnings.Single(), Does.Contain("npu0").And.Contain("atr_error"));
        card.EndHang("atr_error", "Device Error: 0\n");
    }

    [Test]
    public async Task Text_of_a_device_that_is_no_UTF_8_does_not_break_the_page(CancellationToken token)
    {
        var card = _host.Host.AddWarboy(0);
        File.WriteAllBytes(_host.Host.At($"{card.HwmonFolder}/temp1_label"), [(byte)'"', (byte)'\\', 0xff, (byte)'x']);
        await _host.StartAsync(token);

        Assert.That(await _host.ScrapeAsync(token), Has.Some.Contains("label=\"\\\"\\\\\ufffdx\""));
    }

    private static void Break(CardTree card, string kind)
    {
        var path = card.PathOf("atr_error");
        switch (kind)
        {
            case "a file that fails":
                card.WithUnreadable("atr_error");
                break;
            case "a folder":
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            case "a huge file":
                card.Set("atr_error", new string('x', 1 << 20));
                break;
            case "a binary file":
                File.WriteAllBytes(path, [.. Enumerable.Range(0, 4096).Select(index => (byte)(index * 7))]);
                break;
            case "a text":
                card.Set("atr_error", "no errors");
                break;
            default:
                card.Set("atr_error", "one\ntwo\nthree\n");
                break;
        }
    }

    private static string[] Errors(string[] series) =>
        [.. series.Where(line => line.StartsWith("npu_metrics_exporter_device_errors_total{", StringComparison.Ordinal))];
}
