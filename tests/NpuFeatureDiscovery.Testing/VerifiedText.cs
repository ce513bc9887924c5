using System.Runtime.CompilerServices;

namespace NpuFeatureDiscovery.Testing;

/// <summary>A text that somebody has read and accepted, in a file beside the test that makes it anew.</summary>
public static class VerifiedText
{
    /// <summary>
    /// Compares a text with <c>{name}.verified.txt</c> beside the test. Where they differ, what was received is left in
    /// <c>{name}.received.txt</c>.
    /// </summary>
    /// <returns>The first line that differs, and how to accept it; <see langword="null"/> where nothing differs.</returns>
    public static string? Difference(string received, string name, [CallerFilePath] string testFile = "")
    {
        var verifiedPath = Path.Combine(Path.GetDirectoryName(testFile)!, $"{name}.verified.txt");
        var receivedPath = Path.Combine(Path.GetDirectoryName(testFile)!, $"{name}.received.txt");
        var verified = File.Exists(verifiedPath) ? File.ReadAllText(verifiedPath) : "";
        if (verified == received)
        {
            File.Delete(receivedPath);
            return null;
        }

        File.WriteAllText(receivedPath, received);
        var (was, now) = (verified.Split('\n'), received.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(was.Length, now.Length))
            .First(index => was.ElementAtOrDefault(index) != now.ElementAtOrDefault(index));
        return $"""
            {verifiedPath}, line {line + 1}
            verified: {was.ElementAtOrDefault(line) ?? "(end of the text)"}
            received: {now.ElementAtOrDefault(line) ?? "(end of the text)"}
            If the received text is what you mean: mv {receivedPath} {verifiedPath}
            """;
    }
}
