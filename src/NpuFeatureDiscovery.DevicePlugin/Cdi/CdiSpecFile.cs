using System.Text.Json;
using NpuFeatureDiscovery.DevicePlugin.Kubelet;

namespace NpuFeatureDiscovery.DevicePlugin.Cdi;

/// <summary>
/// Keeps one CDI specification in a folder that runtimes read. They see the old content or the new one, whole, since it is moved into
/// place. Nothing is written where it stands already, and what others wrote is left alone.
/// </summary>
/// <param name="folder">Made by others: one that nobody mounted is a folder that no runtime reads.</param>
/// <param name="name">The file's name, which ends in <c>.json</c>.</param>
/// <param name="kind">The kind of the devices; a file that is about another is somebody else's.</param>
internal sealed class CdiSpecFile(string folder, string name, string kind)
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Runtimes read every file that ends in .json or .yaml, dot-files too.</summary>
    private const string StagedSuffix = ".staged";

    private readonly string _path = Path.Combine(folder, name);
    private bool _hasBegun;
    private volatile Published? _published;

    /// <summary>Whether runtimes find this specification now.</summary>
    public bool Holds(CdiSpec spec) =>
        _published is { } published && published.Spec == spec && FileIdentity.Of(_path) == published.File;

    /// <summary>Puts a specification there; with none, takes away what was put there. Not for use by several threads at once.</summary>
    /// <returns>What keeps it from being there; null where it is.</returns>
    public string? Put(CdiSpec? spec)
    {
        try
        {
            return TryPut(spec);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"'{_path}' cannot be written: {exception.Message} Make the folder writable, and see whether its disk is full.";
        }
    }

    /// <summary>Takes the file away, unless another instance has replaced it since.</summary>
    /// <returns>What keeps it there; null where it is gone or another's.</returns>
    public string? Remove()
    {
        try
        {
            if (IsOwn(FileIdentity.Of(_path)))
                File.Delete(_path);

            _published = null;
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"'{_path}' cannot be removed: {exception.Message} Remove it, since it names devices that may be gone.";
        }
    }

    private string? TryPut(CdiSpec? spec)
    {
        if (!Directory.Exists(folder))
            return $"the folder '{folder}' does not exist. Make it on the host, and mount it where the plugin runs in a container.";

        if (spec is not null && Holds(spec))
            return null;

        var found = FileIdentity.Of(_path);
        var content = spec?.ToJson();
        if (found is not null && !IsOwn(found))
        {
            var other = File.ReadAllBytes(_path);
            if (!IsOfKind(other))
                return spec is null ? null : $"'{_path}' is not about '{kind}', so somebody else keeps it. Move it away.";
            // An instance that began later, in an update, and that will outlive this one.
            if (_hasBegun)
                return Share(spec, content, found, other);
        }

        if (!_hasBegun)
            DeleteLeftovers();

        _hasBegun = true;
        if (spec is null)
        {
            _published = null;
            File.Delete(_path);
            return null;
        }

        // At the start even where it is the same, so that an instance that ends leaves it alone.
        if (found is null || !IsOwn(found) || !content.AsSpan().SequenceEqual(_published!.Content))
            Replace(content!);

        _published = new Published(spec, content!, FileIdentity.Of(_path), IsOwn: true);
        return null;
    }

    private string? Share(CdiSpec? spec, byte[]? content, FileIdentity file, byte[] other)
    {
        if (spec is null)
            return null;
        if (!content.AsSpan().SequenceEqual(other))
            return $"'{_path}' is another instance's or was edited, and differs. Let one run on a node, or remove the file.";

        _published = new Published(spec, other, file, IsOwn: false);
        return null;
    }

    private bool IsOwn(FileIdentity? file) => file is not null && _published is { IsOwn: true } published && file == published.File;

    private void Replace(byte[] content)
    {
        var staged = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}{StagedSuffix}");
        try
        {
            using (var stream = NewFile.Create(staged))
            {
                var file = stream.SafeFileHandle;
                RandomAccess.Write(file, content, fileOffset: 0);
                File.SetUnixFileMode(file, Mode);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(staged, _path, overwrite: true);
        }
        catch
        {
            File.Delete(staged);
            throw;
        }
    }

    /// <summary>What runs that were killed left. Another instance that loses its file to this tries again.</summary>
    private void DeleteLeftovers()
    {
        foreach (var leftover in Directory.EnumerateFiles(folder, $".{name}.*{StagedSuffix}"))
            File.Delete(leftover);
    }

    private bool IsOfKind(byte[] content)
    {
        try
        {
            using var document = JsonText.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("kind", out var found)
                && found.ValueKind == JsonValueKind.String && found.ValueEquals(kind);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <param name="Spec">What runtimes find.</param>
    /// <param name="Content">The same, as it is in the file.</param>
    /// <param name="File">The file.</param>
    /// <param name="IsOwn">Whether this instance wrote it.</param>
    private sealed record Published(CdiSpec Spec, byte[] Content, FileIdentity? File, bool IsOwn);
}
