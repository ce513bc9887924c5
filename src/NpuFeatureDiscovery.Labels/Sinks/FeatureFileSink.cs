using System.Text;

namespace NpuFeatureDiscovery.Labels.Sinks;

/// <summary>Writes labels as a feature file for the local source of NFD's worker.</summary>
/// <remarks>
/// https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/customization-guide.html#feature-files
/// </remarks>
public sealed class FeatureFileSink : ILabelSink
{
    /// <summary>NFD refuses a larger file whole from 0.14 on, and so takes all its labels off the Node.</summary>
    private const int MaxLength = 64 * 1024;

    private readonly string _folder;
    private readonly StagedFile _file;
    private bool _leftoversDeleted;

    /// <param name="options">Where the file stands.</param>
    /// <exception cref="ArgumentException">The file's name is not allowed.</exception>
    public FeatureFileSink(FeatureFileOptions options)
    {
        if (FeatureFileOptions.FileNameError(options.FileName) is { } error)
            throw new ArgumentException(error, nameof(options));

        _folder = Path.GetFullPath(options.FeaturesDirectory);
        Target = Path.Combine(_folder, options.FileName);
        _file = new StagedFile(Target);
    }

    /// <summary>The feature file's path.</summary>
    public string Target { get; }

    /// <inheritdoc/>
    public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Directory.Exists(_folder))
            throw Failure($"the folder '{_folder}' does not exist. Create it, mount it into this container, or choose another.");

        var content = Encoding.UTF8.GetBytes(FeatureFileText.Render(labels));
        if (content.Length > MaxLength)
            throw Failure($"it would have {content.Length} bytes, and NFD reads at most {MaxLength}. Publish fewer labels.");

        try
        {
            return ValueTask.FromResult(Publish(content));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure($"{exception.Message} Check the folder's owner, mode, mount and free space.", exception);
        }
    }

    /// <summary>The labels that the file holds now; none where there is no file.</summary>
    /// <exception cref="LabelPublishException">The file is there and cannot be read.</exception>
    public IReadOnlyList<string> ReadPublished()
    {
        try
        {
            return File.Exists(Target) ? FeatureFileText.Lines(File.ReadAllText(Target)) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LabelPublishException($"Feature file '{Target}' cannot be read: {exception.Message}", exception);
        }
    }

    private PublishResult Publish(byte[] content)
    {
        if (!_leftoversDeleted)
            _file.DeleteLeftovers();
        _leftoversDeleted = true;

        if (content.Length == 0)
            return _file.Delete() ? PublishResult.Removed : PublishResult.Unchanged;
        if (_file.Holds(content))
            return PublishResult.Unchanged;

        _file.Replace(content);
        return PublishResult.Written;
    }

    private LabelPublishException Failure(string reason, Exception? cause = null) =>
        new($"Feature file '{Target}' is not written, and an earlier one is untouched: {reason}", cause);
}
