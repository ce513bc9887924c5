using NpuFeatureDiscovery.Grpc;

namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>The kubelet's folder for device plugins.</summary>
internal sealed class PluginFolder(string path)
{
    public string Socket => PathOf("kubelet.sock");

    public bool HasCheckpoint => File.Exists(Checkpoint);

    private string Checkpoint => PathOf("kubelet_internal_checkpoint");

    // As Go's filepath.Join does, which lets an absolute path not lead out of the folder.
    public string PathOf(string name) => Path.Join(path, name);

    /// <summary>What a kubelet does to the folder when it starts, before it makes its socket.</summary>
    public void Prepare(bool sweepsRegularFiles)
    {
        Directory.CreateDirectory(path);
        foreach (var file in Directory.GetFiles(path))
        {
            if (file != Checkpoint && (sweepsRegularFiles || UnixSocket.Exists(file)))
                File.Delete(file);
        }
    }

    /// <summary>A hint for plugins that another way to register exists as well.</summary>
    public void WriteDeprecation() => File.WriteAllText(PathOf("DEPRECATION"), "");

    /// <summary>Written beside its place and renamed, so that watchers of the folder see what they see with a
    /// kubelet.</summary>
    public void WriteCheckpoint(string text)
    {
        var written = PathOf(".kubelet_internal_checkpoint");
        File.WriteAllText(written, text);
        File.Move(written, Checkpoint, overwrite: true);
    }

    public IEnumerable<string> PluginSockets() => Directory.GetFiles(path).Where(file => file != Socket && UnixSocket.Exists(file));

    public void Wipe()
    {
        foreach (var entry in new DirectoryInfo(path).GetFileSystemInfos())
        {
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
    }
}
