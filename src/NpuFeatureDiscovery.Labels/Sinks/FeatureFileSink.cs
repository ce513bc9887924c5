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

    /// <summary>Enough for a new pod to start, and for two readings of an nfd-worker at its default interval of 60 s.</summary>
    private static readonly TimeSpan ExitLease = TimeSpan.FromMinutes(2);

    private const string NotWrittenOutcome = "is not written, and an earlier one is untouched";

    private readonly string _folder;
    private readonly StagedFile _file;
    private readonly ChangeAnnouncer _announcer;
    private readonly TimeSpan _lease;
    private readonly FeatureFileExit _onExit;
    private readonly TimeProvider _timeProvider;
    private (FeatureFileText Text, DateTime WrittenAt)? _known;
    private (LabelSet Labels, string Text) _rendered = (LabelSet.Empty, "");
    private bool _leftoversDeleted;

    /// <param name="options">Where the file stands, for how long, and what becomes of it in the end.</param>
    /// <param name="timeProvider">Tells the time for the lease; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The file's name is not allowed.</exception>
    public FeatureFileSink(FeatureFileOptions options, TimeProvider? timeProvider = null)
    {
        if (FeatureFileOptions.FileNameError(options.FileName) is { } error)
            throw new ArgumentException(error, nameof(options));

        _folder = Path.GetFullPath(options.FeaturesDirectory);
        Target = Path.Combine(_folder, options.FileName);
        _file = new StagedFile(Target);
        _lease = options.Lease ?? TimeSpan.Zero;
        _onExit = options.OnExit;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _announcer = new ChangeAnnouncer(_file.Announce, _timeProvider);
    }

    /// <summary>The feature file's path.</summary>
    public string Target { get; }

    /// <inheritdoc/>
    public ValueTask<PublishResult> PublishAsync(LabelSet labels, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Guard(NotWrittenOutcome, () => Publish(labels)));
    }

    /// <summary>
    /// Shortens the lease, removes the file or keeps it, as <see cref="FeatureFileOptions.OnExit"/> says; a file that another
    /// instance has taken over meanwhile is left to it.
    /// </summary>
    /// <exception cref="LabelPublishException">The file could not be written or removed.</exception>
    public ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known)
            Guard("is not handed over", () => Leave(known.Text, known.WrittenAt));

        _announcer.Cancel();
        return ValueTask.CompletedTask;
    }

    /// <summary>The labels that the file holds now; none where there is no file.</summary>
    /// <exception cref="LabelPublishException">The file is there and cannot be read.</exception>
    public ValueTask<IReadOnlyList<string>> ReadPublishedAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Guard(
        "cannot be read", () => IsThere ? FeatureFileText.Parse(File.ReadAllText(Target)).Lines() : []));

    /// <summary>Removes the file, and the folder in which it is prepared.</summary>
    /// <returns>Whether there was a file.</returns>
    /// <exception cref="LabelPublishException">The file could not be removed.</exception>
    public bool Remove()
    {
        _known = null;
        return Guard("is not removed", () =>
        {
            var wasThere = _file.Delete();
            _file.DeleteStaging();
            return wasThere;
        });
    }

    /// <summary>Whether there is a feature file, of whatever run.</summary>
    internal bool IsThere => File.Exists(Target);

    /// <summary>Whether there is a folder for it.</summary>
    internal bool HasFolder => Directory.Exists(_folder);

    private PublishResult Publish(LabelSet labels)
    {
        if (File.Exists(_folder))
            throw NotWritten($"'{_folder}' is a file. Choose a folder.");
        if (!Directory.Exists(_folder))
            throw NotWritten($"the folder '{_folder}' does not exist. Create it, mount it into this container, or choose another.");

        if (!_leftoversDeleted)
            _file.DeleteLeftovers();
        _leftoversDeleted = true;

        if (!ReferenceEquals(labels, _rendered.Labels))
            _rendered = (labels, FeatureFileText.Render(labels));

        var wanted = _rendered.Text;
        var isNew = wanted != _known?.Text.Labels;
        if (wanted.Length == 0)
        {
            _known = null;
            if (!_file.Delete())
                return PublishResult.Unchanged;

            _announcer.Changed(isOneEvent: true);
            return PublishResult.Removed;
        }

        var found = _file.Read() is { } text ? FeatureFileText.Parse(text) : (FeatureFileText?)null;
        if (wanted == found?.Labels && IsInForce(found.Value.Expiry))
        {
            _known = (found.Value, _file.WrittenAt);
            return PublishResult.Unchanged;
        }

        Write(new FeatureFileText(_lease > TimeSpan.Zero ? Now + _lease : null, wanted));
        if (wanted == found?.Labels)
            return PublishResult.Renewed;

        return isNew ? PublishResult.Written : PublishResult.Restored;
    }

    private bool Leave(FeatureFileText known, DateTime writtenAt)
    {
        // Another file than the last seen is the work of another instance, which has taken over.
        if (_file.WrittenAt != writtenAt || _file.Read() is not { } text || FeatureFileText.Parse(text) != known)
            return false;

        switch (_onExit)
        {
            case FeatureFileExit.Remove:
                return _file.Delete();
            case FeatureFileExit.Lease when known.Expiry > Now + ExitLease:
                Write(known with { Expiry = Now + ExitLease });
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Whether a lease needs no renewal. At the start it does, so that an instance that ends at the same time sees that the file
    /// is taken over. With less than half of it left it does; and with much more than the whole, after the clock was set back,
    /// since the labels would outlive it.
    /// </summary>
    private bool IsInForce(DateTimeOffset? expiry) => _lease == TimeSpan.Zero
        ? expiry is null
        : _known is not null && expiry > Now + (_lease / 2) && expiry < Now + (_lease * 1.5);

    private void Write(FeatureFileText text)
    {
        var content = Encoding.UTF8.GetBytes(text.ToString());
        if (content.Length > MaxLength)
            throw NotWritten($"it would have {content.Length} bytes, and NFD reads at most {MaxLength}. Publish fewer labels.");

        _announcer.Changed(_file.Replace(content));
        _known = (text, _file.WrittenAt);
    }

    /// <summary>In whole seconds, as they stand in the file.</summary>
    private DateTimeOffset Now
    {
        get
        {
            var now = _timeProvider.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    private LabelPublishException NotWritten(string reason) => new($"Feature file '{Target}' {NotWrittenOutcome}: {reason}");

    private T Guard<T>(string outcome, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LabelPublishException(
                $"Feature file '{Target}' {outcome}: {exception.Message} Check the folder's owner, mode, mount and free space.",
                exception);
        }
    }
}
