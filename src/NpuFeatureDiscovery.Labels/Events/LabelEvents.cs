namespace NpuFeatureDiscovery.Labels.Events;

/// <summary>Tells which labels were refused or changed, each once while that lasts.</summary>
internal sealed class LabelEvents(NodeEventQueue queue)
{
    private HashSet<LabelRemark> _told = [];
    private (LabelPublicationState State, string Reason) _publication;

    /// <summary>What was made of the labels' texts.</summary>
    public void Observe(LabelSet labels)
    {
        foreach (var remark in labels.Remarks.Where(remark => !_told.Contains(remark)))
        {
            var isChanged = labels.Labels.Any(label => label.Key == remark.Key);
            queue.Add(new NodeEvent(
                !isChanged, isChanged ? NodeEventReasons.LabelChanged : NodeEventReasons.LabelRefused, remark.Message));
        }

        _told = [.. labels.Remarks];
    }

    /// <summary>What became of the labels at the API server.</summary>
    public void Observe(LabelPublication? publication)
    {
        // While it does not answer nothing is known that was not known before.
        if (publication is null or { State: LabelPublicationState.Unknown })
            return;

        var (state, reason, _, _) = publication;
        if (state is LabelPublicationState.Overridden or LabelPublicationState.Refused && (state, reason) != _publication)
            queue.Add(new NodeEvent(true, NodeEventReasons.LabelRefused, $"Labels are not in force: {reason}"));

        _publication = (state, reason);
    }
}
