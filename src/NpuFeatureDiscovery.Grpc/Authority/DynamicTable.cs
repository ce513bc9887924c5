namespace NpuFeatureDiscovery.Grpc.Authority;

/// <summary>
/// Which entries of a connection's dynamic table are named <c>:authority</c>: RFC 7541, section 2.3.2.
/// </summary>
/// <remarks>
/// Entries are counted from the newest, so that evictions and new sizes need not be followed: they only make the oldest
/// ones unknown, to which no valid index leads, and of an invalid one the server judges.
/// </remarks>
internal sealed class DynamicTable
{
    /// <summary>RFC 7541, appendix A: what stands before the dynamic table.</summary>
    private const int StaticEntries = 61;

    /// <summary>
    /// An entry counts 32 bytes and more (section 4.1) of the 4,096 that a server takes that has not said otherwise, as
    /// Kestrel does not: RFC 9113, section 6.5.2.
    /// </summary>
    private const int MaxEntries = 4096 / 32;

    /// <summary>A bit for each entry, the newest one's the lowest.</summary>
    private UInt128 _authorities;

    /// <summary>Whether the entry at an index beyond the static table has that name.</summary>
    public bool IsAuthority(int index)
    {
        var age = index - StaticEntries - 1;
        return age is >= 0 and < MaxEntries && ((_authorities >> age) & 1) != 0;
    }

    public void Add(bool isAuthority) => _authorities = (_authorities << 1) | (isAuthority ? 1u : 0u);
}
