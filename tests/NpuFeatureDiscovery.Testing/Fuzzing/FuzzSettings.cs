using System.Globalization;

namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>How long and from where <see cref="Fuzz"/> tries, by variables of the environment.</summary>
internal sealed record FuzzSettings(TimeSpan? Time, ulong Seed)
{
    /// <summary>How many seconds each target is tried, from a seed of its own, in place of a fixed number of rounds.</summary>
    private const string SecondsVariable = "NPU_FUZZ_SECONDS";

    /// <summary>The seed that a failure told.</summary>
    private const string SeedVariable = "NPU_FUZZ_SEED";

    public static FuzzSettings Read()
    {
        TimeSpan? time = int.TryParse(Environment.GetEnvironmentVariable(SecondsVariable), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
        var isGiven = ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var seed);
        return new FuzzSettings(time, isGiven ? seed : time is null ? 1 : (ulong)Random.Shared.NextInt64());
    }
}
