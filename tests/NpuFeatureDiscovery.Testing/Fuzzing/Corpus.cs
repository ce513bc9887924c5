using System.Security.Cryptography;

namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>The inputs that stand in <c>Corpus/TARGET</c>: samples to start from, and what once failed.</summary>
internal sealed class Corpus(string target)
{
    private readonly string _folder = Repository.At($"tests/NpuFeatureDiscovery.Testing/Corpus/{target}");

    public IReadOnlyList<byte[]> Read() =>
        Directory.Exists(_folder) ? [.. Directory.GetFiles(_folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];

    /// <summary>Keeps an input for all runs from now on.</summary>
    public string Add(byte[] input)
    {
        Directory.CreateDirectory(_folder);
        var path = Path.Combine(_folder, $"found-{Convert.ToHexStringLower(SHA256.HashData(input))[..8]}");
        File.WriteAllBytes(path, input);
        return path;
    }
}
