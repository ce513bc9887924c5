namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The form in which <c>validate</c> says what becomes of the lines.</summary>
internal enum ValidateOutput
{
    Table,
    Json,
}
