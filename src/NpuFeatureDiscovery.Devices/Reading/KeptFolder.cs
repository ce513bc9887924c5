namespace NpuFeatureDiscovery.Devices.Reading;

/// <summary>A folder that is looked at again and again, so that the files that are kept open in it need not be.</summary>
/// <param name="path">Its path.</param>
/// <param name="clock">Of the file system, which is the machine's.</param>
internal sealed class KeptFolder(string path, TimeProvider clock)
{
    /// <summary>More than a tick of the clock by which file systems note changes, two of which in one tick look the same.</summary>
    private const long Settled = 1_000_000_000;

    private FileIdentity? _identity;
    private long _changed;

    /// <summary>Whether it is certain that no entry was removed or replaced between the last two looks.</summary>
    public bool IsUntouched { get; private set; }

    /// <returns>Whether the path leads to the same folder as at the last look.</returns>
    public bool LookAgain()
    {
        var error = FileStatus.Of(path, FileFields.Inode | FileFields.Changed, out var status);
        FileIdentity? identity = error == 0 ? FileKind.Identity(status) : null;
        var isSame = identity == _identity;
        IsUntouched = isSame && error == 0 && status.Changed.Nanoseconds == _changed;
        // One that has just changed may change once more in the same tick: so it counts as changed the next time.
        var age = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalNanoseconds - status.Changed.Nanoseconds;
        (_identity, _changed) = (identity, age > Settled ? status.Changed.Nanoseconds : 0);
        return isSame;
    }
}
