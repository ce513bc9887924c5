namespace NpuFeatureDiscovery.Labels;

/// <summary>Where labels are published.</summary>
public interface ILabelSink
{
    /// <summary>The place, for people: a path, or a Node's name.</summary>
    string Target { get; }

    /// <summary>Publishes a set of labels in place of what was published before; does nothing where that is equal.</summary>
    /// <exception cref="LabelPublishException">It could not; what was published before is untouched.</exception>
    ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken);
}

/// <summary>What <see cref="ILabelSink.PublishAsync"/> did.</summary>
public enum PublishResult
{
    /// <summary>Equal labels were published already.</summary>
    Unchanged,

    /// <summary>The labels were written.</summary>
    Written,

    /// <summary>There are no labels, and what was published before was taken away.</summary>
    Removed,
}
