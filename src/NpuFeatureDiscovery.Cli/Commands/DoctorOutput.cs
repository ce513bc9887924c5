namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The form in which <c>doctor</c> says what it found.</summary>
internal enum DoctorOutput
{
    Table,
    Json,
}
