using System.Buffers;
using NpuFeatureDiscovery.Devices;

namespace NpuFeatureDiscovery.Cli.Configuration;

/// <summary>What one look at a file found, compared by value.</summary>
/// <param name="Bytes">What is in it.</param>
/// <param name="Failure">Why it cannot be read; null where it can.</param>
internal sealed record FileContent(EquatableArray<byte> Bytes, string? Failure = null)
{
    /// <summary>Reads a file, or as much of it as is asked for.</summary>
    public static FileContent Read(string path, int maxBytes)
    {
        if (Directory.Exists(path))
            return new FileContent([], "it is a folder.");

        var buffer = ArrayPool<byte>.Shared.Rent(maxBytes);
        try
        {
            // Unbuffered, and shared with whoever writes it: a lock of ours could make an editor's save fail.
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var count = file.ReadAtLeast(buffer.AsSpan(0, maxBytes), maxBytes, throwOnEndOfStream: false);
            return new FileContent(EquatableArray.Create<byte>(buffer.AsSpan(0, count)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileContent([], exception.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
