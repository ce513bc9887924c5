namespace NpuFeatureDiscovery.Labels;

/// <summary>Where labels are published.</summary>
public interface ILabelSink
{
    /// <summary>The place, for people: a path, or a Node's name.</summary>
    string Target { get; }

    /// <summary>What became of the labels; <see langword="null"/> where the sink does not read back.</summary>
    LabelPublication? Publication => null;

    /// <summary>Publishes a set of labels in place of what was published before; does nothing where that is in force.</summary>
    /// <exception cref="LabelPublishException">It could not; what was published before is untouched.</exception>
    ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken);

    /// <summary>Reads what is published there now, a <c>key=value</c> each; nothing where the sink cannot tell.</summary>
    /// <exception cref="LabelPublishException">It cannot be read.</exception>
    ValueTask<IReadOnlyList<string>> ReadPublishedAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Called when the program ends: does what the sink is told to do with what it published.</summary>
    /// <exception cref="LabelPublishException">It could not.</exception>
    ValueTask LeaveAsync(CancellationToken cancellationToken);
}

/// <summary>What <see cref="ILabelSink.PublishAsync"/> did.</summary>
public enum PublishResult
{
    /// <summary>These labels were in force already.</summary>
    Unchanged,

    /// <summary>The labels were written.</summary>
    Written,

    /// <summary>The labels are the same, and their lease was renewed.</summary>
    Renewed,

    /// <summary>The labels are the same, and were written again since someone else had changed or removed them.</summary>
    Restored,

    /// <summary>There are no labels, and what was published before was taken away.</summary>
    Removed,
}
