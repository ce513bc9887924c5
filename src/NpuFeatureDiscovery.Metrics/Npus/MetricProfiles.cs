namespace NpuFeatureDiscovery.Metrics.Npus;

/// <summary>The names of metric profiles.</summary>
public static class MetricProfiles
{
    /// <summary>
    /// The names and units of the SDK 0.8 exporter: <c>furiosa_npu_hw_temperature</c> in thousandths of a degree, and so on. For
    /// dashboards of that time.
    /// </summary>
    public const string Sdk = "sdk";

    /// <summary>
    /// Base units, named as Prometheus asks for: <c>furiosa_npu_temperature_celsius</c>. For new dashboards, and beside either of the
    /// others.
    /// </summary>
    public const string BaseUnits = "base-units";

    /// <summary>
    /// The names and units of the exporter of 2025: <c>furiosa_npu_hw_temperature</c> in degrees. Not beside <see cref="Sdk"/>, since
    /// the same names have other units there.
    /// </summary>
    public const string Current = "current";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [Sdk, BaseUnits, Current];

    /// <summary>What keeps profiles from being shown together; <see langword="null"/> where they go together.</summary>
    public static string? Error(IReadOnlyCollection<string> profiles)
    {
        if (profiles.Count == 0)
            return $"at least one of {string.Join(", ", Names)} is needed.";
        if (profiles.FirstOrDefault(name => Find(name) is null) is { } unknown)
            return $"'{unknown}' is unknown: allowed are {string.Join(", ", Names)}.";

        return profiles.Contains(Sdk, StringComparer.OrdinalIgnoreCase) && profiles.Contains(Current, StringComparer.OrdinalIgnoreCase)
            ? $"'{Sdk}' and '{Current}' use the same names with different units, such as furiosa_npu_hw_power in µW and in W: choose one."
            : null;
    }

    internal static IMetricProfile? Find(string name) => name.ToLowerInvariant() switch
    {
        Sdk => new SdkProfile(),
        BaseUnits => new BaseUnitsProfile(),
        Current => new CurrentProfile(),
        _ => null,
    };
}
