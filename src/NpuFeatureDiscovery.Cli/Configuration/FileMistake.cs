namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>What is wrong at a place of a text file; lines and columns (UTF-16 code units) count from 1.</summary>
internal sealed record FileMistake(int Line, int Column, string Text)
{
    /// <summary>A mistake behind the text that is given.</summary>
    public static FileMistake After(ReadOnlySpan<char> text, string mistake)
    {
        // A lone carriage return ends a line of YAML as well.
        var lines = text.Count('\n') + text.Count('\r') - text.Count("\r\n");
        return new FileMistake(lines + 1, text.Length - (text.LastIndexOfAny('\n', '\r') + 1) + 1, mistake);
    }
}
