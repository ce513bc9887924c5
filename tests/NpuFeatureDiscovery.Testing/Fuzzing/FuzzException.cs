namespace NpuFeatureDiscovery.Testing.Fuzzing;

/// <summary>An input for which something did not hold that has to hold for all.</summary>
public sealed class FuzzException : Exception
{
    public FuzzException(string message)
        : base(message)
    {
    }

    public FuzzException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public FuzzException()
    {
    }
}
