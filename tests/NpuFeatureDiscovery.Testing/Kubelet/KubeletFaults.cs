namespace NpuFeatureDiscovery.Testing.Kubelet;

/// <summary>What goes wrong in a <see cref="FakeKubelet"/>. Each may be changed at any time, and holds from then
/// on.</summary>
public sealed class KubeletFaults
{
    private readonly Queue<string> _refusals = new();

    /// <summary>
    /// <see langword="true"/>: connections to kubelet.sock that are made from now on are accepted and never answered.
    /// <see langword="false"/> (default): they are.
    /// </summary>
    public bool HangsConnections { get; set; }

    /// <summary>
    /// <see langword="true"/>: <c>Register</c> is received, counted and never answered. <see langword="false"/> (default):
    /// it is.
    /// </summary>
    public bool HangsRegistrations { get; set; }

    /// <summary>
    /// <see langword="true"/>: registrations are answered as ever, but <c>ListAndWatch</c> is never called, and nobody is
    /// told. <see langword="false"/> (default): it is.
    /// </summary>
    public bool NeverOpensStreams { get; set; }

    /// <summary>
    /// <see langword="true"/>: sockets in the registry folder are left alone, as where the kubelet watches another folder.
    /// <see langword="false"/> (default): they are found.
    /// </summary>
    public bool IgnoresRegistry { get; set; }

    /// <summary>After how long the kubelet drops each stream, and its connection; it does not open another.</summary>
    /// <value>Default: <see langword="null"/>, never.</value>
    public TimeSpan? StreamLifetime { get; set; }

    /// <summary>How many streams are opened at once for a registration, each of which counts.</summary>
    /// <value>Default: 1.</value>
    public int StreamsPerRegistration { get; set; } = 1;

    /// <summary>Refuses the next registrations, however right they are, with status <c>UNKNOWN</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="message">What the plugin is told.</param>
    public void RefuseNextRegistrations(int count, string message = "The kubelet is not ready for device plugins.")
    {
        lock (_refusals)
        {
            for (var index = 0; index < count; index++)
                _refusals.Enqueue(message);
        }
    }

    internal string? TakeRefusal()
    {
        lock (_refusals)
            return _refusals.TryDequeue(out var message) ? message : null;
    }
}
