using NpuFeatureDiscovery.Devices;
using NpuFeatureDiscovery.Devices.Sensors;

namespace NpuFeatureDiscovery.Cli.Listing;

/// <summary>The cards with what their sensors say.</summary>
internal sealed class CardListing(HostRoot root, bool all, ListingForm form, TimeProvider timeProvider) : IListing
{
    private readonly NodeReader _nodes = new(root);
    private readonly SensorReader _sensors = new(root, timeProvider, SensorReader.DefaultDeviceTimeout);

    public async Task<ListedText> ReadAsync(CancellationToken cancellationToken)
    {
        var node = _nodes.Read();
        NpuDevice[] listed = [.. node.Devices.Where(device => all || device.DeviceNodes.Count > 0)];
        var cards = await _sensors.ReadAsync(listed);
        var problems = Merge(node.Problems, cards.SelectMany(card => card.Problems));
        var document = DeviceDocument.Create(cards, problems);
        return new ListedText(
            form.Write(isWide => DeviceTable.Draw(cards, isWide), document.ToJson, document.ToJsonLine, document.ToYaml),
            [.. HiddenCards.Tell(node.Devices.Count, listed.Length), .. form.Tell(problems)]);
    }

    public void Dispose()
    {
        _sensors.Dispose();
        _nodes.Dispose();
    }

    /// <summary>A file that hangs is met by both readers, and told once.</summary>
    private static ReadProblem[] Merge(IReadOnlyList<ReadProblem> ofNode, IEnumerable<ReadProblem> ofSensors)
    {
        var paths = ofNode.Select(problem => problem.Path).ToHashSet(StringComparer.Ordinal);
        return [.. ofNode, .. ofSensors.Where(problem => !paths.Contains(problem.Path))];
    }
}
