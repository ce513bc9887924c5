namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>Writes labels to a text writer such as standard output, a line each; an empty line parts one set from the next.</summary>
/// <param name="writer">Where to write; stays open.</param>
public sealed class TextWriterSink(TextWriter writer) : ILabelSink
{
    private LabelSet? _published;

    /// <inheritdoc/>
    public string Target => "standard output";

    /// <inheritdoc/>
    public async ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        if (labels.Labels.Equals(_published?.Labels))
            return PublishResult.Unchanged;

        var separator = _published is null ? "" : "\n";
        try
        {
            await writer.WriteAsync((separator + FeatureFileText.Render(labels)).AsMemory(), cancellationToken);
            await writer.FlushAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            throw new LabelPublishException($"The labels are not written to {Target}: {exception.Message}", exception);
        }

        _published = labels;
        return PublishResult.Written;
    }

    /// <summary>Does nothing: what is written stays.</summary>
    public ValueTask LeaveAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
