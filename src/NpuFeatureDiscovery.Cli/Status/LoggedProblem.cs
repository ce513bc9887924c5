using Microsoft.Extensions.Logging;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>A warning or an error that was logged.</summary>
/// <param name="Time">When; the last time of several.</param>
/// <param name="FirstTime">When it was logged first, as far as that is remembered.</param>
/// <param name="Level">Warning or graver.</param>
/// <param name="Source">The class that logged it.</param>
/// <param name="Message">What it said.</param>
/// <param name="Count">How often it was logged.</param>
internal sealed record LoggedProblem(
    DateTimeOffset Time, DateTimeOffset FirstTime, LogLevel Level, string Source, string Message, int Count);
