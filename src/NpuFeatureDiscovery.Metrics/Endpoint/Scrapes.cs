using System.Buffers;
using System.IO.Compression;
using Microsoft.Extensions.Options;
using NpuFeatureDiscovery.Metrics.Exposition;

namespace NpuFeatureDiscovery.Metrics.Endpoint;

/// <summary>
/// Makes the texts of scrapes. Scrapes at the same time share one, and those that slow clients still get take no more than a share of
/// the memory.
/// </summary>
internal sealed class Scrapes
{
    /// <summary>A quarter of the heap that the program has; a text of 64 cards takes less than 1 MiB.</summary>
    private const int MaxBytes = 16 << 20;

    /// <summary>For the writing of the text, so that the whole ends within 3 s by default.</summary>
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(0.4);

    private readonly Lock _lock = new();
    private readonly MetricsReader _metrics;
    private readonly Dictionary<(MetricsFormat Format, bool Gzip), SharedRun<Scrape>> _runs = [];
    private int _lastLength = 4096;
    private long _bytes;

    public Scrapes(MetricsReader metrics, IOptions<EndpointOptions> options, TimeProvider timeProvider)
    {
        _metrics = metrics;
        var deadline = options.Value.CollectDeadline + WriteTime;
        foreach (var format in (MetricsFormat[])[MetricsFormat.PrometheusText, MetricsFormat.OpenMetrics])
        {
            foreach (var gzip in (bool[])[false, true])
            {
                _runs.Add((format, gzip), new SharedRun<Scrape>(
                    token => MakeAsync(format, gzip, token), deadline, timeProvider, isPrompt: static () => true));
            }
        }
    }

    /// <summary>A scrape that is to be given back; null where slow clients take the memory for it.</summary>
    /// <exception cref="TimeoutException">It took too long, though no source did.</exception>
    public async Task<Scrape?> TakeAsync(MetricsFormat format, bool gzip, CancellationToken cancellationToken)
    {
        var scrape = await _runs[(format, gzip)].GetAsync(cancellationToken);
        lock (_lock)
        {
            if (scrape.Readers == 0)
            {
                // One is allowed whatever its length.
                if (_bytes > 0 && _bytes + scrape.Text.Length > MaxBytes)
                    return null;

                _bytes += scrape.Text.Length;
            }

            scrape.Readers++;
            return scrape;
        }
    }

    public void GiveBack(Scrape scrape)
    {
        lock (_lock)
        {
            scrape.Readers--;
            if (scrape.Readers == 0)
                _bytes -= scrape.Text.Length;
        }
    }

    private async Task<Scrape> MakeAsync(MetricsFormat format, bool gzip, CancellationToken cancellationToken)
    {
        var families = await _metrics.ReadAsync(cancellationToken);
        // As long as the last one, so that it does not grow by doubling.
        var text = new ArrayBufferWriter<byte>(_lastLength + (_lastLength / 8));
        format.Write(text, families);
        _lastLength = text.WrittenCount;
        return new Scrape(gzip ? Compress(text.WrittenSpan) : text.WrittenMemory);
    }

    private static byte[] Compress(ReadOnlySpan<byte> text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(text);

        return compressed.ToArray();
    }
}
