namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>What <see cref="Fuzz"/> tries, and how far.</summary>
/// <param name="Name">The folder of its samples below <c>Corpus</c>.</param>
public sealed record FuzzTarget(string Name)
{
    /// <summary>Inputs to start from, beside the corpus.</summary>
    public IReadOnlyList<byte[]> Samples { get; init; } = [];

    /// <summary>What means something to the parser.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The longest input in bytes: as much as the parser is ever given.</summary>
    public int MaxSize { get; init; } = 64 * 1024;

    public int Rounds { get; init; } = 1_000;

    /// <summary>How many bytes may be allocated for each byte of the input, beside <see cref="Fuzz.FreeBytes"/>.</summary>
    public int BytesPerByte { get; init; } = 200;
}
