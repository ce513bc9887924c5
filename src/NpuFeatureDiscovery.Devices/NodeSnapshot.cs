namespace NpuFeatureDiscovery.Devices;

/// <summary>What one reading of the host found. Immutable, and compared by value.</summary>
/// <param name="Devices">The cards, in order of family and index.</param>
/// <param name="Machine">The host itself.</param>
/// <param name="Problems">What could not be made out, in order of reading.</param>
public sealed record NodeSnapshot(
    EquatableArray<NpuDevice> Devices, Machine Machine, EquatableArray<ReadProblem> Problems);
