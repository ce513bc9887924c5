using System.Text;

namespace NpuFeatureDiscovery.Metrics.Endpoint.Security;

/// <summary>What one look at a file found, compared by value.</summary>
/// <param name="Path">The file.</param>
/// <param name="Text">What is in it; empty where it cannot be read.</param>
/// <param name="Failure">Why it cannot be read; null where it can.</param>
internal sealed record FileText(string Path, string Text, string? Failure = null)
{
    /// <summary>
    /// More than any certificate chain or list of users needs. The time to find what is PEM in a text grows by the square of its length.
    /// </summary>
    public const int MaxBytes = 128 * 1024;

    /// <summary>The text of a file that can be read.</summary>
    /// <exception cref="EndpointFileException">It cannot.</exception>
    public string Content => Failure is null ? Text : throw new EndpointFileException(Path, Failure);

    public static FileText Read(string path)
    {
        if (Directory.Exists(path))
            return new FileText(path, "", "it is a folder.");

        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using var bytes = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (var count = file.Read(buffer); count > 0; count = file.Read(buffer))
            {
                bytes.Write(buffer, 0, count);
                if (bytes.Length > MaxBytes)
                    return new FileText(path, "", $"it has more than {MaxBytes} bytes.");
            }

            return new FileText(path, Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileText(path, "", "there is no such file.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileText(path, "", exception.Message);
        }
    }

    // Without the text, which may be a secret.
    public override string ToString() => Path;
}
