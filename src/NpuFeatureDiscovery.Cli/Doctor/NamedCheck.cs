namespace NpuFeatureDiscovery.Cli.Doctor;

/// <summary>A check, and what to call it where it has not said anything.</summary>
/// <param name="Name">As in its findings.</param>
/// <param name="Check">The check.</param>
internal sealed record NamedCheck(string Name, IDoctorCheck Check);
