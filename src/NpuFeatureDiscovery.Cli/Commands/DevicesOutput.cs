namespace NpuFeatureDiscovery.Cli.Commands;

/// <summary>The form in which <c>devices</c> lists the cards.</summary>
internal enum DevicesOutput
{
    Table,
    Wide,
    Json,
    Yaml,
}
