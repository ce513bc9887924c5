using System.Text.Json;
using System.Text.Json.Serialization;
using NpuFeatureDiscovery.Cli.Listing;

namespace NpuFeatureDiscovery.Cli.Status;

/// <summary>
/// The state of a node for programs: keys stay, a unit stands in the key, and what is not known or not run here is null. Cards and
/// allocations are as <c>devices --output json</c> has them.
/// </summary>
internal sealed record StatusDocument(
    DateTime Time, StatusDocument.NodeStatus Node, StatusDocument.ProgramStatus Program, StatusDocument.SnapshotStatus Snapshot,
    IReadOnlyList<StatusDocument.DeviceStatus> Devices, StatusDocument.LabelsStatus? Labels,
    StatusDocument.DevicePluginStatus? DevicePlugin, StatusDocument.AllocationsStatus? Allocations,
    IReadOnlyList<StatusDocument.Part> Parts, IReadOnlyList<DeviceDocument.Problem> ReadProblems,
    IReadOnlyList<StatusDocument.LoggedProblem> LastProblems)
{
    private static readonly StatusDocumentContext Json = new(DocumentJson.CreateOptions(isIndented: false));

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.StatusDocument);

    internal sealed record NodeStatus(string Name, string? Vendor, string? Machine);

    internal sealed record ProgramStatus(string Version, DateTime StartedAt, long UptimeSeconds);

    /// <param name="Generation">Counts what was found of the cards; null before the host could be read.</param>
    /// <param name="ReadAt">When that was found first.</param>
    /// <param name="CheckedSecondsAgo">How long ago the host was last looked at.</param>
    /// <param name="Failure">Why the host cannot be read, so that the snapshot is the last that could.</param>
    internal sealed record SnapshotStatus(long? Generation, DateTime? ReadAt, double? CheckedSecondsAgo, string? Failure);

    /// <param name="Card">The card with its readings.</param>
    /// <param name="HealthSince">From when on its health is as it is.</param>
    /// <param name="ReadingFailure">Why nothing of its sensors is known.</param>
    /// <param name="CoreLoads">How busy its cores were in the last 10 s, where that is sampled.</param>
    internal sealed record DeviceStatus(
        DeviceDocument.Card Card, DateTime HealthSince, string? ReadingFailure, IReadOnlyList<Load> CoreLoads);

    internal sealed record Load(int Core, double UtilizationPercent);

    /// <param name="Target">Where they are published.</param>
    /// <param name="State">Whether they are in force; null where nobody reads them back.</param>
    /// <param name="Reason">Why they are not, or who has what.</param>
    /// <param name="PublishedAt">When they were last written.</param>
    /// <param name="VerifiedAt">When they were last read on the Node.</param>
    /// <param name="SucceededAt">When publishing last succeeded, also where there was nothing to write.</param>
    /// <param name="Failure">Why they could not be published the last time.</param>
    /// <param name="Wanted">The labels that are to stand on the Node; null before the host could be read.</param>
    /// <param name="Remarks">What was changed or refused on the way from a text to a label.</param>
    internal sealed record LabelsStatus(
        string Target, string? State, string? Reason, DateTime? PublishedAt, DateTime? VerifiedAt, DateTime? SucceededAt,
        string? Failure, IReadOnlyList<LabelValue>? Wanted, IReadOnlyList<string> Remarks);

    internal sealed record LabelValue(string Key, string Value);

    /// <param name="Faults">What keeps the kubelet or the container runtime from knowing of the NPUs.</param>
    /// <param name="Resources">The resources.</param>
    internal sealed record DevicePluginStatus(IReadOnlyList<string> Faults, IReadOnlyList<Resource> Resources);

    /// <param name="Name">What Pods ask for.</param>
    /// <param name="Registration">How it is registered or is to be: classic or watcher.</param>
    /// <param name="Fault">Why the kubelet does not know of it as it is; null where it does.</param>
    /// <param name="Socket">Where the kubelet finds it.</param>
    /// <param name="Units">What the kubelet is told of.</param>
    internal sealed record Resource(
        string Name, string Registration, string? Fault, string Socket, IReadOnlyList<ResourceUnit> Units);

    internal sealed record ResourceUnit(string Id, string? Name, string State, string? Reason, DateTime? Since);

    /// <param name="Failure">Why the kubelet does not tell; then nothing is known of who holds what.</param>
    /// <param name="Units">Who holds which card or core, and what nobody holds; null where that is not known.</param>
    internal sealed record AllocationsStatus(string? Failure, IReadOnlyList<AllocationDocument.Unit>? Units);

    internal sealed record Part(string Name, bool IsRunning, DateTime Since, string? Failure, int Restarts);

    internal sealed record LoggedProblem(DateTime Time, DateTime FirstTime, string Level, string Source, string Message, int Count);
}

[JsonSerializable(typeof(StatusDocument))]
internal sealed partial class StatusDocumentContext : JsonSerializerContext;
