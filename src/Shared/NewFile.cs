namespace NpuFeatureDiscovery;

/// <summary>
/// A file that is nobody else's from the first moment on, whatever mode it gets later: whoever opened it before could write into it for
/// ever. It is locked (flock) while it is open, which tells it from what a crash left.
/// </summary>
internal static class NewFile
{
    /// <exception cref="IOException">There is such a file already, or it cannot be made.</exception>
    public static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        BufferSize = 0,
    });
}
