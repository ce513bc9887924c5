using NpuFeatureDiscovery.Cli.Commands;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>How a listing is written.</summary>
/// <param name="Output">As a table or a document.</param>
/// <param name="IsStream">Whether further ones follow, from which a script has to tell each.</param>
internal sealed record ListingForm(DevicesOutput Output, bool IsStream)
{
    public bool IsTable => Output is DevicesOutput.Table or DevicesOutput.Wide;

    public string Write(Func<bool, string> drawTable, Func<string> json, Func<string> jsonLine, Func<string> yaml) => Output switch
    {
        DevicesOutput.Table => drawTable(false),
        DevicesOutput.Wide => drawTable(true),
        DevicesOutput.Json => IsStream ? jsonLine() : json(),
        _ => IsStream ? $"---\n{yaml()}" : yaml(),
    };

    /// <summary>
    /// What to tell people of what could not be read: documents hold it themselves, and what an older driver lacks is no news.
    /// </summary>
    public IEnumerable<string> Tell(IEnumerable<ReadProblem> problems) =>
        IsTable ? problems.Where(problem => problem.Kind != ReadProblemKind.Missing).Select(problem => problem.ToString()) : [];
}
