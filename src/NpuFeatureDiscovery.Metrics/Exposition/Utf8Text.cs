using System.Buffers;
using System.Globalization;
using System.Text;

namespace NpuFeatureDiscovery.Metrics.Exposition;

/// <summary>Writes text, numbers and escapes as UTF-8.</summary>
internal readonly struct Utf8Text(IBufferWriter<byte> output)
{
    /// <summary>The longest number is <c>-1.2345678901234567E-300</c>.</summary>
    private const int MaxNumberBytes = 32;

    /// <summary>Of longer text the bytes are counted before there is room made for them.</summary>
    private const int MaxShortLength = 256;

    public void Write(ReadOnlySpan<char> text)
    {
        if (text.Length <= MaxShortLength)
            output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        else
            Encoding.UTF8.GetBytes(text, output);
    }

    /// <summary>The shortest number that reads back as the same.</summary>
    public void Write(double value)
    {
        if (double.IsInfinity(value))
        {
            Write(value > 0 ? "+Inf" : "-Inf");
            return;
        }

        value.TryFormat(output.GetSpan(MaxNumberBytes), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public void WriteEscaped(ReadOnlySpan<char> text, bool quotes)
    {
        while (text.Length > 0)
        {
            var next = quotes ? text.IndexOfAny('\\', '\n', '"') : text.IndexOfAny('\\', '\n');
            if (next < 0)
            {
                Write(text);
                return;
            }

            Write(text[..next]);
            Write(text[next] switch { '\n' => @"\n", '"' => "\\\"", _ => @"\\" });
            text = text[(next + 1)..];
        }
    }
}
